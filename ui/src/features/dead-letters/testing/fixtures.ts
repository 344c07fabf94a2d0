import type { DeadLetter, DeadLetterGroup, Replay, ReplayPreview } from '../types';

export const ACCOUNT_ID = '00000000-0000-4000-8000-0000000000aa';
export const REPLAY_ID = '00000000-0000-4000-8000-0000000000ff';
const AT = '2026-11-22T18:05:59Z';

/** A v7-like id: later numbers are newer. */
export function letterId(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

export function letter(number: number, more: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id: letterId(number),
    tenant_id: ACCOUNT_ID,
    provider: 'microsoft365',
    subscription_row_id: letterId(900),
    kind: 'change',
    change_type: 'created',
    message_id: `AAMk${number}`,
    correlation_id: letterId(number + 1000),
    received_at: AT,
    died_at: AT,
    reason: 'graph_400',
    attempts: 8,
    replays: 0,
    last_error_kind: 'graph',
    last_error: `ErrorInvalidRequest ${number}`,
    last_error_at: AT,
    item: { changeType: 'created' },
    ...more,
  };
}

export function group(more: Partial<DeadLetterGroup> = {}): DeadLetterGroup {
  const words = { meaning: 'Microsoft refused the request.', fix: 'Look at the message.' };
  return { reason: 'graph_400', words, count: 3, accounts: 1, first_at: AT, last_at: AT, ...more };
}

export function preview(more: Partial<ReplayPreview> = {}): ReplayPreview {
  return {
    total: 3,
    by_cause: [{ reason: 'graph_400', words: group().words, count: 3 }],
    by_account: [{ account_id: ACCOUNT_ID, count: 3 }],
    oldest_at: AT,
    will_fail_again: { count: 0, why: '', account_ids: [] },
    ...more,
  };
}

export function replay(more: Partial<Replay> = {}): Replay {
  return {
    id: REPLAY_ID,
    state: 'running',
    dry_run: false,
    total: 4,
    done: 1,
    failed_again: 1,
    skipped: 0,
    waiting: 0,
    remaining: 2,
    started_by: 'ada@example.com',
    started_at: AT,
    finished_at: null,
    filter: {},
    per_second: 20,
    ...more,
  };
}
