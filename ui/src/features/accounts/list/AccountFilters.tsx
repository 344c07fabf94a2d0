import Button from '@mui/material/Button';
import ToggleButton from '@mui/material/ToggleButton';
import { useMutation } from '@tanstack/react-query';
import { DownloadIcon } from '../../../components/icons';
import { FilterBar, FilterSelect } from '../../../components/FilterBar';
import { ProblemAlert } from '../../../components/ErrorState';
import { isFiltered } from '../../../lib/urlState';
import { saveCsv } from '../api';
import type { AccountQuery } from '../filters';
import { ACCESS_OPTIONS, NO_FILTERS, STATUS_OPTIONS } from '../filters';

type Filters = typeof NO_FILTERS;

interface Props {
  filters: Filters;
  onChange: (patch: Partial<Filters>, how?: { replace?: boolean }) => void;
  query: AccountQuery;
  /** How many of those the other filters leave need somebody. */
  attention: number | undefined;
}

export function AccountFilters({ filters, onChange, query, attention }: Props) {
  const csv = useMutation({ mutationFn: () => saveCsv(query) });
  const wanted = filters.attention === 'yes';
  return (
    <>
      <FilterBar
        search={{ label: 'Search name, address, tenant or object ID', value: filters.q, onChange: (q) => onChange({ q }, { replace: true }) }}
        filtered={isFiltered(filters, NO_FILTERS)}
        onClear={() => onChange(NO_FILTERS)}
        actions={
          <Button startIcon={<DownloadIcon />} onClick={() => csv.mutate()} loading={csv.isPending}>
            Export CSV
          </Button>
        }
      >
        {(wanted || (attention ?? 0) > 0) && (
          <ToggleButton size="small" value="attention" color="warning" selected={wanted} onChange={() => onChange({ attention: wanted ? '' : 'yes' })} sx={{ textTransform: 'none' }}>
            Needs attention{attention === undefined ? '' : ` (${attention.toLocaleString('en')})`}
          </ToggleButton>
        )}
        <FilterSelect label="Status" value={filters.status} options={STATUS_OPTIONS} onChange={(status) => onChange({ status })} />
        <FilterSelect label="Access" value={filters.access} options={ACCESS_OPTIONS} onChange={(access) => onChange({ access })} width={130} />
      </FilterBar>
      <ProblemAlert error={csv.error} prefix="The export did not work." />
    </>
  );
}
