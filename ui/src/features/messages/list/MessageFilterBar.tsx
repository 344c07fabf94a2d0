import { AccountFilter } from '../../../components/AccountFilter';
import { FilterBar, FilterSelect } from '../../../components/FilterBar';
import { isFiltered } from '../../../lib/urlState';
import type { MessageFilters } from '../filters';
import { NO_FILTERS, PERIOD_OPTIONS } from '../filters';

interface Props {
  filters: MessageFilters;
  onChange: (patch: Partial<MessageFilters>, how?: { replace?: boolean }) => void;
}

const ATTACHMENTS = [
  { value: '', label: 'All' },
  { value: 'yes', label: 'With attachments' },
  { value: 'no', label: 'Without' },
];
const MAILBOX = [
  { value: '', label: 'All' },
  { value: 'no', label: 'Still there' },
  { value: 'yes', label: 'Deleted there' },
];

/** What the list is narrowed by; all of it stands in the URL. */
export function MessageFilterBar({ filters, onChange }: Props) {
  return (
    <FilterBar
      search={{
        label: 'Subject, address or message id',
        value: filters.q,
        onChange: (q) => onChange({ q }, { replace: true }),
      }}
      filtered={isFiltered(filters, NO_FILTERS)}
      onClear={() => onChange(NO_FILTERS)}
    >
      <AccountFilter value={filters.account} onChange={(account) => onChange({ account })} />
      <FilterSelect label="Received" value={filters.period} options={PERIOD_OPTIONS} onChange={(period) => onChange({ period })} />
      <FilterSelect
        label="Attachments"
        value={filters.attachments}
        options={ATTACHMENTS}
        onChange={(attachments) => onChange({ attachments })}
      />
      <FilterSelect label="In the mailbox" value={filters.deleted} options={MAILBOX} onChange={(deleted) => onChange({ deleted })} width={140} />
    </FilterBar>
  );
}
