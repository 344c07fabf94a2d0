import type { RouteObject } from 'react-router';

export const routes: RouteObject[] = [
  { path: '/subscriptions', lazy: async () => ({ Component: (await import('./SubscriptionsPage')).SubscriptionsPage }) },
  { path: '/subscriptions/:id', lazy: async () => ({ Component: (await import('./SubscriptionPage')).SubscriptionPage }) },
];
