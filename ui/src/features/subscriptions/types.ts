export type { GapOut as Gap, RenewResult, SubscriptionOut as Subscription, TimelineItem } from '../../lib/api/generated/api';
