import type { AuditEntry } from './types';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const PLACES: Record<string, (id: string) => string> = {
  tenant: (id) => `/admin/tenants/${id}`,
  account: (id) => `/admin/tenants/${id}`,
  subscription: (id) => `/subscriptions/${id}`,
  message: (id) => `/messages/${id}`,
  replay: (id) => `/dead-letters/replays/${id}`,
  event: (id) => `/events?event=${id}`,
  user: () => '/settings/users',
  registration: () => '/settings/registrations',
};

/** Where the object of an entry is shown; null for what has no page. It may be gone by now. */
export function objectHref({ subject, subject_kind: kind }: Pick<AuditEntry, 'subject' | 'subject_kind'>): string | null {
  return UUID.test(subject) && Object.hasOwn(PLACES, kind) ? (PLACES[kind]?.(subject) ?? null) : null;
}
