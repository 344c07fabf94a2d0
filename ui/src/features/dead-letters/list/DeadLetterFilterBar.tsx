import { AccountFilter } from '../../../components/AccountFilter';
import { FilterBar, FilterSelect } from '../../../components/FilterBar';
import { isFiltered } from '../../../lib/urlState';
import { plain } from '../../../lib/words';
import { PERIOD_OPTIONS } from '../../messages/filters';
import type { DeadLetterFilters } from '../filters';
import { NO_FILTERS } from '../filters';
import type { DeadLetterGroup } from '../types';

interface Props {
  filters: DeadLetterFilters;
  groups: DeadLetterGroup[];
  onChange: (patch: Partial<DeadLetterFilters>, how?: { replace?: boolean }) => void;
}

export function DeadLetterFilterBar({ filters, groups, onChange }: Props) {
  return (
    <FilterBar
      search={{ label: 'Id, or part of the last error', value: filters.q, onChange: (q) => onChange({ q }, { replace: true }) }}
      filtered={isFiltered(filters, NO_FILTERS)}
      onClear={() => onChange(NO_FILTERS)}
    >
      <FilterSelect label="Cause" value={filters.reason} options={causes(groups, filters.reason)} onChange={(reason) => onChange({ reason })} />
      <AccountFilter value={filters.account} onChange={(account) => onChange({ account })} />
      <FilterSelect label="Given up" value={filters.period} options={PERIOD_OPTIONS} onChange={(period) => onChange({ period })} />
    </FilterBar>
  );
}

/** The causes there are, and the chosen one even when nothing has it any more. */
function causes(groups: DeadLetterGroup[], chosen: string) {
  const reasons = new Set(groups.map((group) => group.reason));
  if (chosen) reasons.add(chosen);
  return [{ value: '', label: 'All causes' }, ...[...reasons].map((value) => ({ value, label: plain(value) }))];
}
