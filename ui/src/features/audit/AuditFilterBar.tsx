import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { DownloadIcon } from '../../components/icons';
import { FilterBar, FilterSelect, SearchField } from '../../components/FilterBar';
import type { Query } from '../../lib/api/client';
import { isFiltered } from '../../lib/urlState';
import { csvHref } from './api';
import type { AuditFilters } from './filters';
import { NO_FILTERS, OUTCOME_OPTIONS, isOutcome } from './filters';
import { SOURCES } from './types';

interface Props {
  filters: AuditFilters;
  query: Query;
  onChange: (patch: Partial<AuditFilters>, how?: { replace?: boolean }) => void;
}

export function AuditFilterBar({ filters, query, onChange }: Props) {
  const typed = (name: 'actor' | 'action' | 'subject', label: string) => (
    <SearchField label={label} value={filters[name]} onChange={(text) => onChange({ [name]: text }, { replace: true })} />
  );
  return (
    <FilterBar
      search={{ label: 'Search the audit log', value: filters.q, onChange: (q) => onChange({ q }, { replace: true }) }}
      filtered={isFiltered(filters, NO_FILTERS)}
      onClear={() => onChange(NO_FILTERS)}
      actions={SOURCES.map((source) => (
        <Button key={source} component="a" href={csvHref(source, query)} download startIcon={<DownloadIcon />}>
          {source} CSV
        </Button>
      ))}
    >
      {typed('actor', 'Who (exactly)')}
      {typed('action', 'Action, such as user.signed_in')}
      {typed('subject', 'Object (its ID)')}
      <FilterSelect label="Outcome" value={isOutcome(filters.outcome) ? filters.outcome : ''} options={OUTCOME_OPTIONS} onChange={(outcome) => onChange({ outcome })} />
      <DayField label="From" value={filters.since} onChange={(since) => onChange({ since })} />
      <DayField label="To" value={filters.until} onChange={(until) => onChange({ until })} />
    </FilterBar>
  );
}

function DayField({ label, value, onChange }: { label: string; value: string; onChange: (day: string) => void }) {
  return (
    <TextField type="date" label={label} value={value} onChange={(event) => onChange(event.target.value)} slotProps={{ inputLabel: { shrink: true } }} />
  );
}
