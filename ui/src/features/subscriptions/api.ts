import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import {
  deleteSubscription,
  getSubscription,
  getSubscriptionTimeline,
  listGaps,
  listSubscriptions,
  recreateSubscription,
  renewSubscription,
  renewSubscriptions,
} from '../../lib/api/generated/api';
import type { SubscriptionQuery } from './filters';
import type { RenewResult, Subscription } from './types';

export const SUBSCRIPTIONS = ['api', 'subscriptions'] as const;

export function subscriptionsQuery(query: SubscriptionQuery) {
  return queryOptions({
    queryKey: [...SUBSCRIPTIONS, 'list', query],
    queryFn: async ({ signal }) => (await listSubscriptions({ query, signal, throwOnError: true })).data,
    placeholderData: keepPreviousData,
  });
}

export function subscriptionQuery(id: string) {
  return queryOptions({
    queryKey: [...SUBSCRIPTIONS, id],
    queryFn: async ({ signal }) => (await getSubscription({ path: { subscription_id: id }, signal, throwOnError: true })).data,
  });
}

export function timelineQuery(id: string) {
  return queryOptions({
    queryKey: [...SUBSCRIPTIONS, id, 'timeline'],
    queryFn: async ({ signal }) => (await getSubscriptionTimeline({ path: { subscription_id: id }, signal, throwOnError: true })).data,
  });
}

/** The newest gaps of an account: those still open, and what was found of closed ones. */
export function gapsQuery(tenantId: string) {
  return queryOptions({
    queryKey: ['api', 'gaps', tenantId],
    queryFn: async ({ signal }) => (await listGaps({ query: { tenant_id: tenantId, limit: 25 }, signal, throwOnError: true })).data,
  });
}

export async function renew(id: string): Promise<Subscription> {
  return (await renewSubscription({ path: { subscription_id: id }, throwOnError: true })).data;
}

export async function recreate(id: string): Promise<Subscription> {
  return (await recreateSubscription({ path: { subscription_id: id }, throwOnError: true })).data;
}

export async function remove(id: string): Promise<void> {
  await deleteSubscription({ path: { subscription_id: id }, throwOnError: true });
}

/** The service takes a hundred at a time. */
export const MAX_RENEWALS = 100;

export async function renewMany(ids: string[]): Promise<RenewResult[]> {
  return (await renewSubscriptions({ body: { ids }, throwOnError: true })).data.items;
}
