import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { NotificationsActiveIcon } from '../../components/shellIcons';
import { DataTable } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { FilterBar, FilterSelect } from '../../components/FilterBar';
import { Page } from '../../components/Page';
import { useCursorPaging } from '../../lib/cursorPaging';
import { Needs } from '../../lib/role';
import { isFiltered, useUrlState } from '../../lib/urlState';
import { LIST_WORDS } from '../../lib/words';
import { subscriptionsQuery } from './api';
import { NO_FILTERS, STATE_OPTIONS, WITHIN_OPTIONS, filteredText, subscriptionQueryOf } from './filters';
import { BulkRenewDialog } from './list/BulkRenewDialog';
import { COLUMNS } from './list/columns';
import { RenewResults } from './list/RenewResults';
import type { RenewResult, Subscription } from './types';
import { ownerOf } from './words';

const hrefOf = ({ id }: Subscription) => `/subscriptions/${id}`;

/** Everything Microsoft was asked to announce, and how long it will. */
export function SubscriptionsPage() {
  const [filters, setFilters] = useUrlState(NO_FILTERS);
  const paging = useCursorPaging();
  const query = { ...subscriptionQueryOf(filters), limit: paging.pageSize, ...(paging.after && { after: paging.after }) };
  const subscriptions = useQuery(subscriptionsQuery(query));
  const rows = subscriptions.data?.items ?? [];
  const [selected, setSelected] = useState<string[]>([]);
  const [asking, setAsking] = useState(false);
  const [results, setResults] = useState<RenewResult[] | null>(null);
  // What a filter or another page took from the screen is not renewed unseen.
  const chosen = rows.filter(({ id }) => selected.includes(id));
  const done = (found: RenewResult[]) => {
    setResults(found);
    setSelected([]);
  };
  return (
    <Page
      title="Subscriptions"
      subtitle="Flovify renews them by itself, a day before they end."
      actions={
        <Needs role="operator">
          <Button variant="contained" disabled={chosen.length === 0} onClick={() => setAsking(true)}>
            {chosen.length === 0 ? 'Renew now' : `Renew now (${chosen.length})`}
          </Button>
        </Needs>
      }
    >
      <FilterBar
        search={{ label: 'Search account or ID', value: filters.q, onChange: (q) => setFilters({ q }, { replace: true }) }}
        filtered={isFiltered(filters, NO_FILTERS)}
        onClear={() => setFilters(NO_FILTERS)}
      >
        <FilterSelect label="Status" value={filters.status} options={STATE_OPTIONS} onChange={(status) => setFilters({ status })} />
        <FilterSelect label="Expires" value={filters.within} options={WITHIN_OPTIONS} onChange={(within) => setFilters({ within })} />
      </FilterBar>
      {results && <RenewResults results={results} nameOf={(id) => nameIn(rows, id)} onClose={() => setResults(null)} />}
      <DataTable<Subscription>
        label="Subscriptions"
        columns={COLUMNS}
        query={subscriptions}
        paging={paging}
        rowHref={hrefOf}
        linkField="account"
        empty={<NoSubscriptions />}
        filtered={isFiltered(filters, NO_FILTERS)}
        filteredText={filteredText(filters)}
        onClearFilters={() => setFilters(NO_FILTERS)}
        errorTitle={LIST_WORDS.subscriptions.error}
        selected={selected}
        onSelect={setSelected}
      />
      {asking && <BulkRenewDialog chosen={chosen} onClose={() => setAsking(false)} onDone={done} />}
    </Page>
  );
}

function nameIn(rows: Subscription[], id: string): string {
  const row = rows.find((one) => one.id === id);
  return row ? ownerOf(row) : id;
}

function NoSubscriptions() {
  return (
    <EmptyState
      icon={NotificationsActiveIcon}
      title="No subscriptions yet."
      actions={
        <Button component={Link} to="/admin/tenants?connect=1" variant="outlined">
          Connect an account
        </Button>
      }
    >
      Subscriptions are made for you when an account connects.
    </EmptyState>
  );
}
