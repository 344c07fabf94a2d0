import type { ListAccountsData } from '../../lib/api/generated/api';
import { ACCOUNT_STATES } from '../../lib/words';

export type AccountQuery = NonNullable<ListAccountsData['query']>;

export const NO_FILTERS = { q: '', status: '', attention: '', access: '', org: '' };
export const NO_SORT = { sort: 'name' };

type Filters = typeof NO_FILTERS;
type Status = NonNullable<AccountQuery['status']>[number];
type Sort = NonNullable<AccountQuery['sort']>;

const STATUSES = Object.keys(ACCOUNT_STATES) as Status[];
const SORTS: readonly Sort[] = ['name', '-name', 'status', 'last_message', '-last_message', 'connected', '-connected', 'expiry'];

export const STATUS_OPTIONS = [
  { value: '', label: 'All' },
  ...Object.entries(ACCOUNT_STATES).map(([value, { word }]) => ({ value, label: word })),
];

export const ACCESS_OPTIONS = [
  { value: '', label: 'All' },
  { value: 'delegated', label: 'Delegated' },
  { value: 'application', label: 'Application' },
  { value: 'shared', label: 'Shared mailbox' },
];

/** What the URL says, as the service asks for it; a value that nobody knows does not narrow. */
export function accountQueryOf(filters: Filters, sort: string): AccountQuery {
  const status = STATUSES.find((one) => one === filters.status);
  const access = (['delegated', 'application', 'shared'] as const).find((one) => one === filters.access);
  return {
    sort: SORTS.find((one) => one === sort) ?? 'name',
    ...(filters.q && { q: filters.q }),
    ...(status && { status: [status] }),
    ...(filters.attention === 'yes' && { attention: true }),
    ...(access && { access }),
    ...(filters.org && { organization: filters.org }),
  };
}
