import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useEffect } from 'react';
import { EmptyState } from '../../components/EmptyState';
import { ErrorState } from '../../components/ErrorState';
import { NewRowsBar } from '../../components/NewRowsBar';
import { ListSkeleton } from '../../components/Skeletons';
import { StaleBar, staleSince } from '../../components/StaleBar';
import { problemText } from '../../lib/problemText';
import { isFiltered } from '../../lib/urlState';
import { LIST_WORDS } from '../../lib/words';
import { EventsTable } from './EventsTable';
import type { EventFilters } from './filters';
import { NO_FILTERS } from './filters';
import type { useEvents } from './useEvents';
import { useMayMove } from './useMayMove';

interface Props {
  events: ReturnType<typeof useEvents>;
  openId: string;
  hrefOf: (id: string) => string;
  filters: EventFilters;
  tailing: boolean;
  onClear: () => void;
}

/** The log in all its states. */
export function EventsPane({ events: { head, list }, openId, hrefOf, filters, tailing, onClear }: Props) {
  const { ref, mayMove, onPointerEnter, onPointerLeave } = useMayMove();
  const { newCount, showNew } = list;
  useEffect(() => {
    if (tailing && newCount > 0 && mayMove()) showNew();
  });
  if (list.rows.length === 0) {
    if (head.isError) return <ErrorState title={LIST_WORDS.events.error} error={head.error} onRetry={() => void head.refetch()} />;
    if (head.isPending) return <ListSkeleton label="Loading events" rows={10} />;
    return <NoEvents filters={filters} onClear={onClear} />;
  }
  const show = () => {
    showNew();
    ref.current?.scrollTo({ top: 0 });
  };
  return (
    <>
      <StaleBar since={staleSince(head)} onRetry={() => void head.refetch()} />
      <NewRowsBar count={newCount} onShow={show} />
      <Box
        ref={ref}
        onPointerEnter={onPointerEnter}
        onPointerLeave={onPointerLeave}
        sx={{ maxHeight: 'calc(100dvh - 260px)', minHeight: 240, overflow: 'auto', border: 1, borderColor: 'divider', borderRadius: 1, bgcolor: 'background.paper' }}
      >
        <EventsTable events={list.rows} openId={openId} hrefOf={hrefOf} />
        <Older list={list} />
      </Box>
    </>
  );
}

function Older({ list }: { list: Props['events']['list'] }) {
  if (!list.hasMore && list.moreError === null) return null;
  return (
    <Box sx={{ p: 1, textAlign: 'center' }}>
      {list.moreError && <Alert severity="error">Older events could not be loaded: {problemText(list.moreError)}</Alert>}
      {list.hasMore && (
        <Button onClick={list.loadMore} loading={list.isLoadingMore}>
          Show older events
        </Button>
      )}
    </Box>
  );
}

function NoEvents({ filters, onClear }: { filters: EventFilters; onClear: () => void }) {
  if (!isFiltered(filters, NO_FILTERS)) {
    return <EmptyState title={LIST_WORDS.events.empty}>They appear here as Microsoft announces them.</EmptyState>;
  }
  const title = filters.period === '1h' ? 'No events in the last hour.' : LIST_WORDS.events.filtered;
  return <EmptyState title={title} actions={<Button onClick={onClear}>Clear filters</Button>} />;
}
