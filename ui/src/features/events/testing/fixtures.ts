import type { EventDetail } from '../types';

export const ACCOUNT_ID = '00000000-0000-4000-8000-0000000000aa';

/** A v7-like id: later numbers are newer. */
export function eventId(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

export function event(number: number, more: Partial<EventDetail> = {}): EventDetail {
  return {
    id: eventId(number),
    tenant_id: ACCOUNT_ID,
    account_email: 'sales@contoso.example',
    provider: 'microsoft365',
    state: 'settled',
    kind: 'change',
    change_type: 'created',
    message_id: `AAMk${number}`,
    correlation_id: `c0ffee00-0000-4000-8000-${String(number).padStart(12, '0')}`,
    subscription_row_id: null,
    received_at: '2026-11-22T18:05:59Z',
    due_at: null,
    processed_at: '2026-11-22T18:06:00Z',
    outcome: 'stored',
    reason: null,
    attempts: 1,
    replays: 0,
    last_error_kind: null,
    last_error: null,
    waits: 0,
    stuck: false,
    item: { changeType: 'created', resource: `Users/u/Messages/AAMk${number}` },
    stored_message_id: null,
    ...more,
  };
}
