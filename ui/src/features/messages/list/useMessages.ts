import { useQuery } from '@tanstack/react-query';
import { useSteadyRows } from '../../../lib/useSteadyRows';
import { fetchSummaries, summariesQuery } from '../api';
import type { MessageFilters } from '../filters';

/** The list as it is narrowed, with rows that stay where they are. */
export function useMessages(filters: MessageFilters) {
  const head = useQuery(summariesQuery(filters));
  const list = useSteadyRows({
    scope: JSON.stringify(filters),
    head: head.data,
    fetchAfter: (after) => fetchSummaries(filters, after),
  });
  return { head, list };
}
