import type { RouteObject } from 'react-router';

export const routes: RouteObject[] = [
  { path: '/events', lazy: async () => ({ Component: (await import('./EventsPage')).EventsPage }) },
];
