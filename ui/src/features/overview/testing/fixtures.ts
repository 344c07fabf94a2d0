import type { AttentionItem, Overview } from '../../../lib/api/generated/api';

const AT = '2026-11-22T18:05:59Z';

export function attention(number: number, more: Partial<AttentionItem> = {}): AttentionItem {
  return {
    kind: 'account',
    level: 'error',
    text: `Account ${number} needs a sign-in`,
    cause: 'Microsoft ended the permission.',
    since: AT,
    account_id: `00000000-0000-4000-8000-00000000000${number}`,
    link: `/admin/tenants/${number}`,
    action_label: 'Reconnect',
    ...more,
  };
}

export function overview(more: Partial<Overview> = {}): Overview {
  return {
    sentence: { level: 'ok', text: 'All 3 accounts are connected.', link: null },
    attention: [],
    cards: {
      accounts: { connected: 3, needing_action: 0 },
      subscriptions: { active: 3, next_expiry: null },
      messages_24h: 1204,
      messages_per_hour: Array.from({ length: 24 }, (_, hour) => hour),
      delay_p95_seconds: 2.4,
      dead_letters: 0,
    },
    series: {
      bucket_seconds: 3600,
      from: '2026-11-22T16:00:00Z',
      buckets: [
        { at: '2026-11-22T16:00:00Z', stored: 7, retrying: 1, dead: 0, delay_p50: 0.5, delay_p95: 2 },
        { at: '2026-11-22T17:00:00Z', stored: 9, retrying: 0, dead: 2, delay_p50: null, delay_p95: null },
      ],
    },
    dead_by_cause: [{ reason: 'graph_400', words: 'Microsoft refused the request.', count: 2 }],
    health: [{ name: 'database', state: 'ok', word: 'answers', detail: 'In 2 ms.', checked_at: AT }],
    checklist: [
      { id: 'connect', done: true, text: 'Connect an account', link: '/admin/tenants?connect=1' },
      { id: 'message', done: false, text: 'Receive a message', link: '/messages' },
    ],
    stale_since: null,
    ...more,
  };
}
