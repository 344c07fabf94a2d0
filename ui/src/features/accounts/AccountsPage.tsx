import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { AddIcon } from '../../components/icons';
import { CloudIcon } from '../../components/shellIcons';
import { DataTable } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { Page } from '../../components/Page';
import { StaleBar } from '../../components/StaleBar';
import { useCursorPaging } from '../../lib/cursorPaging';
import { Needs } from '../../lib/role';
import { useSession } from '../../lib/session';
import { isFiltered, useUrlState } from '../../lib/urlState';
import { LIST_WORDS } from '../../lib/words';
import { ActionsContext } from './actions/actionsContext';
import { useAccountActions } from './actions/useAccountActions';
import { accountsQuery } from './api';
import { NO_FILTERS, NO_SORT, accountQueryOf } from './filters';
import { AccountFilters } from './list/AccountFilters';
import { COLUMNS } from './list/columns';
import { Removals } from './list/Removals';
import type { Account } from './types';

const hrefOf = (account: Account) => `/admin/tenants/${account.id}`;

/** All connected accounts: how each stands, why, and who must act. */
export function AccountsPage() {
  const [filters, setFilters] = useUrlState(NO_FILTERS);
  const [{ sort }, setSort] = useUrlState(NO_SORT);
  const paging = useCursorPaging();
  const wanted = useMemo(() => accountQueryOf(filters, sort), [filters, sort]);
  const accounts = useQuery(accountsQuery({ ...wanted, limit: paging.pageSize, ...(paging.after && { after: paging.after }) }));
  const actions = useAccountActions();
  const { data } = accounts;
  return (
    <Page
      title="Connected Accounts"
      documentTitle={data === undefined ? undefined : `Connected Accounts (${data.total})`}
      actions={<ConnectButton />}
    >
      <AccountFilters filters={filters} onChange={setFilters} query={wanted} attention={data?.attention_total} />
      <Removals />
      <StaleBar since={data?.stale_since}>Status may be old: the service that keeps the accounts does not answer.</StaleBar>
      <ActionsContext value={actions}>
        <DataTable<Account>
          label="Connected accounts"
          columns={COLUMNS}
          query={accounts}
          paging={paging}
          rowHref={hrefOf}
          empty={<NoAccounts />}
          filtered={isFiltered(filters, NO_FILTERS)}
          filteredText={LIST_WORDS.accounts.filtered}
          onClearFilters={() => setFilters(NO_FILTERS)}
          errorTitle={LIST_WORDS.accounts.error}
          sort={sort}
          onSort={(by) => setSort({ sort: by || NO_SORT.sort })}
        />
      </ActionsContext>
      {actions.dialogs}
    </Page>
  );
}

function ConnectButton({ label = 'Connect an account' }: { label?: string }) {
  const [, setSearch] = useSearchParams();
  return (
    <Needs role="administrator">
      <Button variant="contained" startIcon={<AddIcon />} onClick={() => setSearch(connecting('1'))}>
        {label}
      </Button>
    </Needs>
  );
}

function NoAccounts() {
  const [, setSearch] = useSearchParams();
  const hasSandbox = useSession()?.sandbox ?? false;
  return (
    <EmptyState
      icon={CloudIcon}
      title="No accounts yet."
      actions={
        <>
          <ConnectButton label="Connect Microsoft 365" />
          {hasSandbox && (
            <Needs role="administrator">
              <Button variant="outlined" onClick={() => setSearch(connecting('sandbox'))}>
                Try a sandbox mailbox
              </Button>
            </Needs>
          )}
        </>
      }
    >
      Connect Microsoft 365{hasSandbox && ', or a mailbox of the sandbox to try everything without one'}. Messages appear as
      soon as Microsoft announces them.
    </EmptyState>
  );
}

function connecting(way: string): (before: URLSearchParams) => URLSearchParams {
  return (before) => {
    const after = new URLSearchParams(before);
    after.set('connect', way);
    return after;
  };
}
