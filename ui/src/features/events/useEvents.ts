import { useQuery } from '@tanstack/react-query';
import { useLive } from '../../lib/live';
import { useSteadyRows } from '../../lib/useSteadyRows';
import { eventsQuery, fetchEvents } from './api';
import type { EventFilters } from './filters';

const TAIL_MS = 3000;

/** The log as it is narrowed. Not every event is told by the live stream, so a tail looks by itself while somebody is there. */
export function useEvents(filters: EventFilters, paused: boolean) {
  const live = useLive();
  const head = useQuery({
    ...eventsQuery(filters),
    // Paused, nothing is fetched again; another choice of filters still loads its first page.
    enabled: ({ state }) => !paused || state.data === undefined,
    refetchInterval: paused || live.state === 'paused' ? false : TAIL_MS,
  });
  const list = useSteadyRows({
    scope: JSON.stringify(filters),
    head: head.data,
    fetchAfter: (after) => fetchEvents(filters, after),
  });
  return { head, list };
}
