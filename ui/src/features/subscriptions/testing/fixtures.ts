import type { Gap, Subscription } from '../types';

export const ACCOUNT_ID = '00000000-0000-4000-8000-0000000000aa';

export function subscriptionId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function subscription(number: number, more: Partial<Subscription> = {}): Subscription {
  return {
    id: subscriptionId(number),
    tenant_id: ACCOUNT_ID,
    account: { id: ACCOUNT_ID, display_name: `Account ${number}`, account_email: `account${number}@contoso.example` },
    provider: 'ms365',
    subscription_id: subscriptionId(number + 1000),
    resource: "users/u/mailFolders('inbox')/messages",
    change_types: ['created', 'updated', 'deleted'],
    status: 'active',
    state_word: 'active',
    expires_at: '2030-01-07T00:00:00Z',
    created_at: '2030-01-01T00:00:00Z',
    last_renewed_at: null,
    next_renewal_at: '2030-01-06T00:00:00Z',
    renewals: 0,
    renewal_failures: 0,
    last_notification_at: null,
    proven_at: null,
    proven_by: null,
    mode: 'push',
    last_lifecycle: null,
    validation_ms: 120,
    notification_url: 'https://mail.example/webhooks/ms365',
    last_error: null,
    last_error_at: null,
    ...more,
  };
}

/** A gap that was closed, with three messages recovered. */
export function gap(id: number, more: Partial<Gap> = {}): Gap {
  return {
    id,
    tenant_id: ACCOUNT_ID,
    provider: 'ms365',
    resource: "users/u/mailFolders('inbox')/messages",
    subscription_row_id: subscriptionId(1),
    reasons: ['missed'],
    since: '2030-01-01T14:02:00Z',
    until: '2030-01-01T15:10:00Z',
    opened_at: '2030-01-01T15:10:00Z',
    closed_at: '2030-01-01T15:11:00Z',
    looked_at: 1200,
    recovered: 3,
    removals: 0,
    next_try_at: '2030-01-01T15:10:00Z',
    failures: 0,
    last_error: null,
    last_error_at: null,
    summary: 'in words',
    ...more,
  };
}
