import type { QueryKey } from '@tanstack/react-query';

/** What the stream tells of: names and ids only; what changed is asked for anew, so that rights are checked again. */
export interface LiveEvent {
  kind: string;
  ref: string | null;
}

const OVERVIEW = ['api', 'overview'];
const ACCOUNTS = ['api', 'accounts'];
const MESSAGES = [['api', 'message-summaries'], ['api', 'messages'], ['api', 'events'], ['api', 'traces'], ACCOUNTS, OVERVIEW];
const DEAD_LETTERS = [['api', 'dead-letters'], ['api', 'dead-letter-groups'], ['api', 'events'], ['api', 'traces'], ACCOUNTS, OVERVIEW];

/** Which cached answers an event makes old. Keys are `[service, resource, …]`. */
const KEYS: Record<string, readonly QueryKey[]> = {
  'account.updated': [ACCOUNTS, ['auth', 'tenants'], ['auth', 'connect-links'], ['auth', 'organizations'], OVERVIEW],
  'subscription.updated': [['api', 'subscriptions'], ['api', 'gaps'], ACCOUNTS, OVERVIEW],
  'message.created': MESSAGES,
  'message.updated': MESSAGES,
  // A poison of the sandbox is used up by the dead letter that it makes.
  'deadletter.created': [...DEAD_LETTERS, ['api', 'sandbox']],
  'deadletter.resolved': DEAD_LETTERS,
  'replay.progress': [['api', 'replays']],
  'health.changed': [['api', 'system'], ['auth', 'system'], ['api', 'sandbox'], OVERVIEW],
};

export const KINDS = Object.keys(KEYS);

export function keysOf(event: LiveEvent): readonly QueryKey[] {
  return KEYS[event.kind] ?? [];
}

/** Dear to compute and never read to the second: asked for less often. */
export function pauseOf(key: QueryKey): number {
  return key[1] === 'overview' || key[1] === 'accounts' ? 3000 : 1000;
}
