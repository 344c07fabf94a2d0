import type { Query } from '../../lib/api/client';
import type { Zone } from '../../lib/time';
import { OUTCOME_STATES } from '../../lib/words';

export const NO_FILTERS = { q: '', actor: '', action: '', subject: '', outcome: '', since: '', until: '' };

export type AuditFilters = typeof NO_FILTERS;

export const OUTCOME_OPTIONS = [
  { value: '', label: 'All' },
  ...Object.entries(OUTCOME_STATES).map(([value, { word }]) => ({ value, label: word })),
];

/** What the URL says, as the services ask for it. Days are whole days of the chosen zone; `until` is the last of them. */
export function auditQuery(filters: AuditFilters, zone: Zone): Query {
  const { q, actor, action, subject, outcome, since, until } = filters;
  return {
    q,
    actor,
    action,
    subject,
    outcome: isOutcome(outcome) ? outcome : '',
    since: dayStart(since, zone, 0),
    until: dayStart(until, zone, 1),
  };
}

/** When a day begins, or one some days after it; undefined for what is no day: then it does not narrow. */
export function dayStart(day: string, zone: Zone, later: number): string | undefined {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return undefined;
  const start = zone === 'utc' ? new Date(Date.UTC(year, month - 1, date + later)) : new Date(year, month - 1, date + later);
  return start.toISOString();
}

/** Own names only: `constructor` is in every object. */
export function isOutcome(name: string): boolean {
  return Object.hasOwn(OUTCOME_STATES, name);
}
