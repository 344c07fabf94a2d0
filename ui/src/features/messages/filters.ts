/** What the list can be narrowed by; all of it stands in the URL, an empty text means "not narrowed". */
// A type, not an interface: the URL takes records of texts.
export type MessageFilters = {
  account: string;
  q: string;
  attachments: string;
  period: string;
  deleted: string;
};

export const NO_FILTERS: MessageFilters = { account: '', q: '', attachments: '', period: '', deleted: '' };

export const PERIODS: Record<string, { label: string; seconds: number }> = {
  '1h': { label: 'Last hour', seconds: 3600 },
  '24h': { label: 'Last 24 hours', seconds: 86_400 },
  '7d': { label: 'Last 7 days', seconds: 7 * 86_400 },
  '30d': { label: 'Last 30 days', seconds: 30 * 86_400 },
};

export const PERIOD_OPTIONS = [
  { value: '', label: 'Any time' },
  ...Object.entries(PERIODS).map(([value, { label }]) => ({ value, label })),
];

/** The moment a period begins, cut to the minute so that the same question keeps the same name for a while. */
export function periodStart(period: string, now: Date): string | undefined {
  const known = PERIODS[period];
  if (known === undefined) return undefined;
  const minute = Math.floor(now.getTime() / 60_000) * 60_000;
  return new Date(minute - known.seconds * 1000).toISOString();
}

export interface SummaryQuery {
  tenant_id?: string;
  q?: string;
  has_attachments?: boolean;
  since?: string;
  deleted?: boolean;
}

export function summaryQuery(filters: MessageFilters, now: Date): SummaryQuery {
  const since = periodStart(filters.period, now);
  return {
    ...(filters.account && { tenant_id: filters.account }),
    ...(filters.q.trim() && { q: filters.q.trim() }),
    ...(filters.attachments && { has_attachments: filters.attachments === 'yes' }),
    ...(filters.deleted && { deleted: filters.deleted === 'yes' }),
    ...(since && { since }),
  };
}
