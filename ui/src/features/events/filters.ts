import { periodStart } from '../messages/filters';

// A type, not an interface: the URL takes records of texts.
export type EventFilters = {
  account: string;
  kind: string;
  state: string;
  outcome: string;
  period: string;
  q: string;
};

export const NO_FILTERS: EventFilters = { account: '', kind: '', state: '', outcome: '', period: '', q: '' };

const KINDS = ['change', 'lifecycle', 'unknown'] as const;
const STATES = ['waiting', 'dead', 'settled'] as const;
const STUCK = 'stuck';
const GONE = 'gone';

export interface EventQuery {
  tenant_id?: string;
  kind?: (typeof KINDS)[number];
  state?: (typeof STATES)[number];
  outcome?: string;
  reason?: string;
  stuck?: boolean;
  since?: string;
  q?: string;
}

/** What the URL says, as the service asks for it; a value that nobody knows does not narrow. */
export function eventQuery(filters: EventFilters, now: Date): EventQuery {
  const kind = KINDS.find((one) => one === filters.kind);
  const state = STATES.find((one) => one === filters.state);
  const since = periodStart(filters.period, now);
  return {
    ...(filters.account && { tenant_id: filters.account }),
    ...(kind && { kind }),
    ...(state && { state }),
    ...(filters.state === STUCK && { stuck: true }),
    ...(filters.outcome && (filters.outcome === GONE ? { reason: GONE } : { outcome: filters.outcome })),
    ...(since && { since }),
    ...(filters.q.trim() && { q: filters.q.trim() }),
  };
}
