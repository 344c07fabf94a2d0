import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useCursorPaging } from '../../../lib/cursorPaging';
import { useSteadyRows } from '../../../lib/useSteadyRows';
import { deadLettersQuery, fetchDeadLetters } from '../api';
import type { DeadLetterFilters } from '../filters';
import { vanished } from '../vanished';

/** A page of the list. Rows stay where they are: what was replayed meanwhile is marked, what is new is counted. */
export function useDeadLetters(filters: DeadLetterFilters) {
  const paging = useCursorPaging(50);
  const { after, pageSize } = paging;
  const answer = useQuery(deadLettersQuery(filters, after, pageSize));
  const steady = useSteadyRows({
    scope: JSON.stringify([filters, after, pageSize]),
    head: answer.data,
    fetchAfter: (cursor) => fetchDeadLetters(filters, cursor),
  });
  const gone = useMemo(() => vanished(steady.rows, answer.data), [steady.rows, answer.data]);
  const shown = answer.data && { ...answer.data, items: steady.rows, next: steady.next };
  return { query: { ...answer, data: shown }, paging, steady, gone };
}
