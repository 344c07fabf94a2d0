import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useCallback } from 'react';
import { useLocation } from 'react-router';
import { PauseIcon, PlayArrowIcon } from '../../components/shellIcons';
import { Page } from '../../components/Page';
import { formatClock, useZone } from '../../lib/time';
import { useUrlState } from '../../lib/urlState';
import { EventDrawer } from './EventDrawer';
import { EventFilterBar } from './EventFilterBar';
import { EventsPane } from './EventsPane';
import { NO_FILTERS } from './filters';
import { useEvents } from './useEvents';
import type { Tail } from './useTail';
import { useTail } from './useTail';

const OPEN = { event: '' };

/** The log of what came in: notifications and what became of them, as they come. */
export function EventsPage() {
  const [filters, setFilters] = useUrlState(NO_FILTERS);
  const [open, setOpen] = useUrlState(OPEN);
  const tail = useTail();
  const events = useEvents(filters, tail.paused);
  const { pathname, search } = useLocation();
  const hrefOf = useCallback((id: string) => hrefWith(pathname, search, id), [pathname, search]);
  return (
    <Page
      title="Events"
      subtitle="Every notification that Microsoft sent and every message that a sync found, the last received first."
      actions={<TailButton tail={tail} />}
    >
      <EventFilterBar filters={filters} onChange={setFilters} />
      <TailNote tail={tail} />
      <EventsPane
        events={events}
        openId={open.event}
        hrefOf={hrefOf}
        filters={filters}
        tailing={!tail.paused && open.event === ''}
        onClear={() => setFilters(NO_FILTERS)}
      />
      <EventDrawer id={open.event} onClose={() => setOpen({ event: '' })} />
    </Page>
  );
}

function hrefWith(pathname: string, search: string, id: string): string {
  const params = new URLSearchParams(search);
  params.set('event', id);
  return `${pathname}?${params.toString()}`;
}

function TailButton({ tail }: { tail: Tail }) {
  return tail.paused ? (
    <Button variant="outlined" startIcon={<PlayArrowIcon />} onClick={tail.resume}>
      Resume
    </Button>
  ) : (
    <Button variant="outlined" startIcon={<PauseIcon />} onClick={tail.pause}>
      Pause
    </Button>
  );
}

function TailNote({ tail }: { tail: Tail }) {
  const zone = useZone();
  return (
    <Box role="status">
      {tail.pausedAt && (
        <Alert severity="info" sx={{ mb: 1 }}>
          Tail paused at {formatClock(tail.pausedAt, zone)}. New events are not fetched until you resume.
        </Alert>
      )}
    </Box>
  );
}
