import { AccountFilter } from '../../components/AccountFilter';
import { FilterBar, FilterSelect } from '../../components/FilterBar';
import { isFiltered } from '../../lib/urlState';
import { PERIOD_OPTIONS } from '../messages/filters';
import type { EventFilters } from './filters';
import { NO_FILTERS } from './filters';
import { OUTCOME_OPTIONS } from './words';

interface Props {
  filters: EventFilters;
  onChange: (patch: Partial<EventFilters>, how?: { replace?: boolean }) => void;
}

const KIND_OPTIONS = [
  { value: '', label: 'All types' },
  { value: 'change', label: 'Changes of messages' },
  { value: 'lifecycle', label: 'Lifecycle' },
  { value: 'unknown', label: 'Unknown' },
];

const STATE_OPTIONS = [
  { value: '', label: 'All states' },
  { value: 'waiting', label: 'Waiting' },
  { value: 'stuck', label: 'Stuck for a day' },
  { value: 'dead', label: 'Dead letter' },
  { value: 'settled', label: 'Settled' },
];

export function EventFilterBar({ filters, onChange }: Props) {
  return (
    <FilterBar
      search={{
        label: 'Correlation, message or request id',
        value: filters.q,
        onChange: (q) => onChange({ q }, { replace: true }),
      }}
      filtered={isFiltered(filters, NO_FILTERS)}
      onClear={() => onChange(NO_FILTERS)}
    >
      <AccountFilter value={filters.account} onChange={(account) => onChange({ account })} />
      <FilterSelect label="Type" value={filters.kind} options={KIND_OPTIONS} onChange={(kind) => onChange({ kind })} />
      <FilterSelect label="State" value={filters.state} options={STATE_OPTIONS} onChange={(state) => onChange({ state })} width={140} />
      <FilterSelect
        label="Outcome"
        value={filters.outcome}
        options={[{ value: '', label: 'All outcomes' }, ...OUTCOME_OPTIONS, { value: 'gone', label: 'Gone before it was fetched' }]}
        onChange={(outcome) => onChange({ outcome })}
      />
      <FilterSelect label="Received" value={filters.period} options={PERIOD_OPTIONS} onChange={(period) => onChange({ period })} />
    </FilterBar>
  );
}
