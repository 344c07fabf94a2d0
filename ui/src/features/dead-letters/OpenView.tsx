import { useCallback, useState } from 'react';
import { ErrorState } from '../../components/ErrorState';
import { CardSkeleton } from '../../components/Skeletons';
import { StaleBar, staleSince } from '../../components/StaleBar';
import { useUrlState } from '../../lib/urlState';
import { DeadLetterDrawer } from './DeadLetterDrawer';
import { DiscardDialog } from './discard/DiscardDialog';
import type { Chosen } from './filters';
import { NO_FILTERS } from './filters';
import { GroupList } from './groups/GroupList';
import { DeadLetterFilterBar } from './list/DeadLetterFilterBar';
import { DeadLetterTable } from './list/DeadLetterTable';
import { ActiveReplays } from './replay/ActiveReplays';
import { ReplayDialog } from './replay/ReplayDialog';
import type { useGroups } from './useGroups';

const OPEN = { item: '' };

type Asked = { what: 'replay' | 'discard'; chosen: Chosen } | null;

/** The causes first, then the dead letters one by one. */
export function OpenView({ groups }: { groups: ReturnType<typeof useGroups> }) {
  const [filters, setFilters] = useUrlState(NO_FILTERS);
  const [open, setOpen] = useUrlState(OPEN);
  const [asked, setAsked] = useState<Asked>(null);
  const onReplay = useCallback((chosen: Chosen) => setAsked({ what: 'replay', chosen }), []);
  const onDiscard = useCallback((chosen: Chosen) => setAsked({ what: 'discard', chosen }), []);
  const close = () => setAsked(null);
  const found = groups.data?.items ?? [];
  return (
    <>
      <ActiveReplays />
      <StaleBar since={staleSince(groups)} onRetry={() => void groups.refetch()} />
      {groups.isPending && <CardSkeleton label="Loading causes" />}
      {groups.isError && !groups.data && (
        <ErrorState title="Causes could not be counted." error={groups.error} onRetry={() => void groups.refetch()} />
      )}
      {found.length > 0 && (
        <GroupList groups={found} reason={filters.reason} onReason={(reason) => setFilters({ reason })} onReplay={onReplay} onDiscard={onDiscard} />
      )}
      {(found.length > 0 || filters.reason !== '') && <DeadLetterFilterBar filters={filters} groups={found} onChange={setFilters} />}
      <DeadLetterTable filters={filters} onClear={() => setFilters(NO_FILTERS)} onReplay={onReplay} onDiscard={onDiscard} />
      <DeadLetterDrawer id={open.item} onClose={() => setOpen({ item: '' })} onReplay={onReplay} onDiscard={onDiscard} />
      {asked?.what === 'replay' && <ReplayDialog chosen={asked.chosen} onClose={close} />}
      {asked?.what === 'discard' && <DiscardDialog chosen={asked.chosen} onClose={close} />}
    </>
  );
}
