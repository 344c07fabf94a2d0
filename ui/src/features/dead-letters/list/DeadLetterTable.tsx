import { useCallback, useMemo, useState } from 'react';
import { useLocation } from 'react-router';
import { DataTable } from '../../../components/DataTable';
import { EmptyState } from '../../../components/EmptyState';
import { NewRowsBar } from '../../../components/NewRowsBar';
import { useAccountNames } from '../../../components/accountNames';
import { isFiltered } from '../../../lib/urlState';
import { LIST_WORDS } from '../../../lib/words';
import type { Chosen, DeadLetterFilters } from '../filters';
import { NO_FILTERS } from '../filters';
import type { DeadLetter } from '../types';
import { SelectionBar } from './SelectionBar';
import { columns } from './columns';
import { useDeadLetters } from './useDeadLetters';

interface Props {
  filters: DeadLetterFilters;
  onClear: () => void;
  onReplay: (chosen: Chosen) => void;
  onDiscard: (chosen: Chosen) => void;
}

/** The dead letters one by one, with what can be done with those that are chosen. */
export function DeadLetterTable({ filters, onClear, onReplay, onDiscard }: Props) {
  const { query, paging, steady, gone } = useDeadLetters(filters);
  const [selected, setSelected] = useState<string[]>([]);
  const accountName = useAccountNames();
  const shownColumns = useMemo(() => columns({ accountName, gone }), [accountName, gone]);
  const hrefOf = useItemHref();
  // A choice that is not on the screen any more would be acted on unseen.
  const here = new Set(steady.rows.map((row) => row.id));
  const chosen = selected.filter((id) => here.has(id) && !gone.has(id));
  return (
    <>
      <NewRowsBar count={steady.newCount} onShow={steady.showNew} />
      <SelectionBar filters={filters} selected={chosen} shown={steady.rows.length} onReplay={onReplay} onDiscard={onDiscard} />
      <DataTable<DeadLetter>
        label="Dead letters"
        columns={shownColumns}
        query={query}
        paging={paging}
        rowHref={hrefOf}
        empty={<EmptyState title={LIST_WORDS.dead_letters.empty} />}
        filtered={isFiltered(filters, NO_FILTERS)}
        filteredText={LIST_WORDS.dead_letters.filtered}
        onClearFilters={onClear}
        errorTitle={LIST_WORDS.dead_letters.error}
        selected={chosen}
        onSelect={setSelected}
      />
    </>
  );
}

function useItemHref(): (row: DeadLetter) => string {
  const { search } = useLocation();
  return useCallback(
    (row) => {
      const params = new URLSearchParams(search);
      params.set('item', row.id);
      return `/dead-letters?${params.toString()}`;
    },
    [search],
  );
}
