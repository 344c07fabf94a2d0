export type { RenewResult, SubscriptionOut as Subscription, TimelineItem } from '../../lib/api/generated/api';
