import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { getOverview } from '../../lib/api/generated/api';
import { zoneName } from '../../lib/time';

export const PERIODS = { '1h': '1 hour', '24h': '24 hours', '7d': '7 days', '30d': '30 days' } as const;

export type Period = keyof typeof PERIODS;

export function isPeriod(text: string): text is Period {
  return text in PERIODS;
}

/** Everything of the page in one answer, so that its numbers agree with one another. */
export function overviewQuery(period: Period) {
  const tz = zoneName();
  return queryOptions({
    queryKey: ['api', 'overview', period, tz],
    queryFn: async ({ signal }) => (await getOverview({ query: { period, tz }, signal, throwOnError: true })).data,
    placeholderData: keepPreviousData,
    // "Last message 40 seconds ago" ages by itself.
    refetchInterval: 60_000,
  });
}
