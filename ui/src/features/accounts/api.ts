import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { BASE, frontDoorFetch, queryText, request } from '../../lib/api/client';
import { getAccount, listAccounts, listEvents, listMessageSummaries, listRemovals, listSubscriptions, syncTenant } from '../../lib/api/generated/api';
import { saveBlob } from '../../lib/saveBlob';
import type { AccountQuery } from './filters';
import { ACCOUNTS, REMOVALS, SUBSCRIPTIONS, TENANTS } from './keys';
import { isOpen } from './list/removalWords';
import type { SyncResult, TokenEvent } from './types';

const LATEST = 25;
const REMOVING_MS = 2000;

export function accountsQuery(query: AccountQuery) {
  return queryOptions({
    queryKey: [...ACCOUNTS, 'list', query],
    queryFn: async ({ signal }) => (await listAccounts({ query, signal, throwOnError: true })).data,
    placeholderData: keepPreviousData,
  });
}

export function accountQuery(id: string) {
  return queryOptions({
    queryKey: [...ACCOUNTS, id],
    queryFn: async ({ signal }) => (await getAccount({ path: { account_id: id }, signal, throwOnError: true })).data,
  });
}

/** Mail that is being deleted, and what was within the last day; looked at often while some is. */
export const removalsQuery = queryOptions({
  queryKey: REMOVALS,
  queryFn: async ({ signal }) => (await listRemovals({ signal, throwOnError: true })).data,
  refetchInterval: ({ state }) => (state.data?.items.some(isOpen) ? REMOVING_MS : false),
});

export function tokenEventsQuery(id: string) {
  return queryOptions({
    queryKey: [...TENANTS, id, 'token-events'],
    queryFn: ({ signal }) => request<{ items: TokenEvent[] }>('GET', `/auth/tenants/${id}/token-events`, { signal }),
  });
}

export function accountSubscriptionsQuery(id: string) {
  return queryOptions({
    queryKey: [...SUBSCRIPTIONS, 'of', id],
    queryFn: async ({ signal }) => (await listSubscriptions({ query: { tenant_id: id, limit: 200 }, signal, throwOnError: true })).data,
  });
}

export function accountMessagesQuery(id: string) {
  return queryOptions({
    queryKey: ['api', 'message-summaries', 'of', id],
    queryFn: async ({ signal }) => (await listMessageSummaries({ query: { tenant_id: id, limit: LATEST }, signal, throwOnError: true })).data,
  });
}

export function accountEventsQuery(id: string) {
  return queryOptions({
    queryKey: ['api', 'events', 'of', id],
    queryFn: async ({ signal }) => (await listEvents({ query: { tenant_id: id, limit: LATEST }, signal, throwOnError: true })).data,
  });
}

export async function syncNow(id: string): Promise<SyncResult> {
  return (await syncTenant({ path: { tenant_id: id }, throwOnError: true })).data;
}

export function refreshToken(id: string): Promise<unknown> {
  return request('POST', `/auth/tenants/${id}/refresh`);
}

export interface Disconnecting {
  deleteMessages: boolean;
  /** Also when Microsoft cannot be told; its subscriptions then end by themselves. */
  force: boolean;
}

export function disconnect(id: string, { deleteMessages, force }: Disconnecting): Promise<{ removed?: number }> {
  const query = { ...(deleteMessages && { delete_messages: true }), ...(force && { force: true }) };
  return request('DELETE', `/auth/tenants/${id}`, { query });
}

/** All accounts that the filters leave, as a file. */
export async function saveCsv(query: AccountQuery): Promise<void> {
  const text = queryText({ ...query, sort: query.sort });
  const response = await frontDoorFetch(new URL(`${BASE}/api/accounts.csv${text}`, location.origin));
  saveBlob(await response.blob(), 'flovify-accounts.csv');
}
