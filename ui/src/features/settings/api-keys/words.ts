import type { ApiKey, Scope } from './api';

/** What each scope opens, in the order of how often it is wanted. */
export const SCOPES: readonly { scope: Scope; means: string }[] = [
  { scope: 'messages:read', means: 'List, search and read messages, their source and attachments.' },
  { scope: 'events:read', means: 'See what was announced and what became of it, dead letters too.' },
  { scope: 'events:write', means: 'Replay single dead letters.' },
  { scope: 'subscriptions:read', means: 'See subscriptions, their history, and gaps.' },
  { scope: 'subscriptions:write', means: 'Make, renew, recreate and remove subscriptions.' },
  { scope: 'accounts:read', means: 'See connected accounts and how they stand.' },
  { scope: 'accounts:sync', means: 'Have a mailbox looked through now.' },
];

export const LIVES = [
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: 365, label: 'One year' },
  { days: 0, label: 'No end' },
] as const;

export const STATE: Record<ApiKey['state'], { word: string; color: 'success' | 'default' | 'warning' }> = {
  active: { word: 'Active', color: 'success' },
  expired: { word: 'Expired', color: 'warning' },
  revoked: { word: 'Revoked', color: 'default' },
};

/** One line to try a key with. */
export function exampleCall(origin: string, { scopes, tenant_ids: accounts }: Pick<ApiKey, 'scopes' | 'tenant_ids'>): string {
  const path = scopes.includes('messages:read') ? '/api/messages' : scopes.includes('events:read') ? '/api/events' : '/api/ms365/subscriptions';
  const query = accounts?.[0] ? `?tenant_id=${accounts[0]}` : '';
  return `curl -H "Authorization: Bearer $FLOVIFY_KEY" "${origin}${path}${query}"`;
}
