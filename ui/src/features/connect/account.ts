import { queryOptions } from '@tanstack/react-query';
import type { AccountDetail } from '../../lib/api/generated/api';
import { createSubscription, getAccount } from '../../lib/api/generated/api';
import { ACCOUNTS } from './keys';

export type { AccountDetail };

export function accountQuery(id: string) {
  return queryOptions({
    queryKey: [...ACCOUNTS, id],
    queryFn: async ({ signal }) => (await getAccount({ path: { account_id: id }, signal, throwOnError: true })).data,
  });
}

/** Have the inbox watched. Asking twice gives the subscription there is. */
export async function subscribeInbox(tenantId: string): Promise<void> {
  await createSubscription({ body: { tenant_id: tenantId }, throwOnError: true });
}
