import type { ListSubscriptionsData } from '../../lib/api/generated/api';
import { SUBSCRIPTION_STATES } from '../../lib/words';

export type SubscriptionQuery = NonNullable<ListSubscriptionsData['query']>;
type State = NonNullable<SubscriptionQuery['status']>[number];

export const NO_FILTERS = { q: '', status: '', within: '' };

const STATES = Object.keys(SUBSCRIPTION_STATES) as State[];
const HOURS = ['24', '72', '168'];

export const STATE_OPTIONS = [
  { value: '', label: 'All' },
  ...Object.entries(SUBSCRIPTION_STATES).map(([value, { word }]) => ({ value, label: word })),
];

export const WITHIN_OPTIONS = [
  { value: '', label: 'Any time' },
  { value: '24', label: 'Within 24 hours' },
  { value: '72', label: 'Within 3 days' },
  { value: '168', label: 'Within a week' },
];

/** What the URL says, as the service asks for it; a value that nobody knows does not narrow. */
export function subscriptionQueryOf({ q, status, within }: typeof NO_FILTERS): SubscriptionQuery {
  const state = STATES.find((one) => one === status);
  return {
    ...(q && { q }),
    ...(state && { status: [state] }),
    ...(HOURS.includes(within) && { expiring_within_hours: Number(within) }),
  };
}

export function filteredText({ within, q, status }: typeof NO_FILTERS): string {
  return within === '24' && !q && !status ? 'None expires within 24 hours.' : 'No subscription matches.';
}
