import { infiniteQueryOptions } from '@tanstack/react-query';
import type { Query } from '../../lib/api/client';
import { BASE, queryText, request } from '../../lib/api/client';
import type { AuditPage, SourceName } from './types';

const PAGE = 50;
const FRESH_FOR = 60_000;

/** One of the logs, page by page. It is read anew on demand only: what somebody reads does not move. */
export function auditLogQuery(source: SourceName, query: Query) {
  return infiniteQueryOptions({
    queryKey: [source, 'audit', query],
    queryFn: ({ pageParam, signal }) =>
      request<AuditPage>('GET', `/${source}/audit`, { query: { ...query, limit: PAGE, after: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    staleTime: FRESH_FOR,
    refetchOnWindowFocus: false,
  });
}

/** All that the filters leave of a log, as a file. A link, not a call: the browser writes it to the disk as it comes. */
export function csvHref(source: SourceName, query: Query): string {
  return `${BASE}/${source}/audit.csv${queryText(query)}`;
}
