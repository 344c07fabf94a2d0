import { useInfiniteQuery } from '@tanstack/react-query';
import type { Query } from '../../lib/api/client';
import { auditLogQuery } from './api';
import type { Log } from './merge';
import { merge } from './merge';
import type { SourceName } from './types';

function useLog(name: SourceName, query: Query) {
  const found = useInfiniteQuery(auditLogQuery(name, query));
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  // A log that is away holds nothing back: the other one goes on, with a note.
  const log: Log = { name, items, more: found.isPending || (found.hasNextPage && !found.isError) };
  return { name, log, found };
}

type Part = ReturnType<typeof useLog>;

/** Both logs as one, newest first. */
export function useAuditLogs(query: Query) {
  const parts = [useLog('auth', query), useLog('api', query)];
  const { entries, wanted } = merge(parts.map(({ log }) => log));
  const missing = parts.filter(({ log }) => wanted.includes(log.name));
  return {
    entries,
    isPending: parts.some(({ found }) => found.isPending),
    isFetching: parts.some(({ found }) => found.isFetching),
    failed: parts.filter(({ found }) => found.isError).map((part) => ({ name: part.name, error: part.found.error, retry: () => retry(part) })),
    hasMore: wanted.length > 0,
    loadMore: () => missing.forEach(({ found }) => void found.fetchNextPage()),
    refresh: () => parts.forEach(({ found }) => void found.refetch()),
  };
}

/** Again what failed: the next page, or the log from its start. */
function retry({ found }: Part): void {
  void (found.isFetchNextPageError ? found.fetchNextPage() : found.refetch());
}
