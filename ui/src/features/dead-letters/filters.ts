import { periodStart } from '../messages/filters';

// A type, not an interface: the URL takes records of texts.
export type DeadLetterFilters = {
  reason: string;
  account: string;
  period: string;
  q: string;
};

export const NO_FILTERS: DeadLetterFilters = { reason: '', account: '', period: '', q: '' };

export interface DeadLetterSelector {
  reason?: string;
  tenant_id?: string;
  since?: string;
}

/** What a replay or a discard of "all that match" would be about; a search text cannot be part of it. */
export function selector(filters: DeadLetterFilters, now: Date): DeadLetterSelector {
  const since = periodStart(filters.period, now);
  return {
    ...(filters.reason && { reason: filters.reason }),
    ...(filters.account && { tenant_id: filters.account }),
    ...(since && { since }),
  };
}

export type Chosen = { ids: string[] } | { filter: DeadLetterSelector };

/** Names what is chosen, for caches: the same choice has the same name. */
export function chosenKey(chosen: Chosen): string {
  return JSON.stringify(chosen);
}
