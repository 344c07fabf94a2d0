import { queryOptions } from '@tanstack/react-query';
import {
  createBreakage,
  getOverview,
  getSandbox,
  listEvents,
  sendTestMessage,
  undoBreakage,
} from '../../lib/api/generated/api';
import type { BreakageKind } from './types';

export const SANDBOX = ['api', 'sandbox'] as const;

export const sandboxQuery = queryOptions({
  queryKey: SANDBOX,
  queryFn: async ({ signal }) => (await getSandbox({ signal, throwOnError: true })).data,
});

/** The steps of the tour, ticked by what really happened. */
export const tourQuery = queryOptions({
  queryKey: ['api', 'overview', 'tour'],
  queryFn: async ({ signal }) =>
    (await getOverview({ query: { period: '1h' }, signal, throwOnError: true })).data.checklist,
});

export interface TestMessage {
  address: string;
  subject: string;
  text: string;
  attachment: boolean;
}

export async function send({ address, subject, text, attachment }: TestMessage) {
  const body = { address, subject: subject.trim() || null, text: text.trim() || null, attachment };
  return (await sendTestMessage({ body, throwOnError: true })).data;
}

/** The event that announced a message, once Microsoft has announced it. */
export function eventOfMessageQuery(messageId: string) {
  return queryOptions({
    queryKey: ['api', 'events', { q: messageId }],
    queryFn: async ({ signal }) => {
      const { items } = (await listEvents({ query: { q: messageId, limit: 1 }, signal, throwOnError: true })).data;
      return items[0] ?? null;
    },
  });
}

export async function breakIt(kind: BreakageKind['kind'], accountId: string | null) {
  return (await createBreakage({ body: { kind, account_id: accountId }, throwOnError: true })).data;
}

export async function undo(id: string) {
  return (await undoBreakage({ path: { breakage_id: id }, throwOnError: true })).data;
}
