import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { listAccounts } from '../lib/api/generated/api';

const PAGE_SIZE = 200;
const MOST_PAGES = 10;
const FRESH_MS = 60_000;

export interface AccountName {
  id: string;
  email: string;
  name: string;
}

async function fetchNames(signal: AbortSignal): Promise<AccountName[]> {
  const names: AccountName[] = [];
  let after: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { limit: PAGE_SIZE, sort: 'name' as const, ...(after && { after }) };
    // One page after the other: each needs the cursor of the one before.
    const { data } = await listAccounts({ query, signal, throwOnError: true }); // oxlint-disable-line no-await-in-loop
    names.push(...data.items.map((one) => ({ id: one.id, email: one.account_email, name: one.display_name })));
    if (data.next === null) break;
    after = data.next;
  }
  return names;
}

/** All connected accounts by name: for filters, and for lists whose rows carry an id only. */
export function useAccounts(): AccountName[] {
  // Not under ['api', 'accounts']: names hardly change, and that key is fetched again with every light that does.
  const names = useQuery({
    queryKey: ['account-names'],
    queryFn: ({ signal }) => fetchNames(signal),
    staleTime: FRESH_MS,
  });
  return useMemo(() => names.data ?? [], [names.data]);
}

/** The address of an account by its id; undefined while it is not known. */
export function useAccountNames(): (id: string) => string | undefined {
  const accounts = useAccounts();
  const byId = useMemo(() => new Map(accounts.map((one) => [one.id, one.email])), [accounts]);
  return useCallback((id: string) => byId.get(id), [byId]);
}
