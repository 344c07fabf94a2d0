import type { RouteObject } from 'react-router';

export const publicRoutes: RouteObject[] = [
  { path: '/setup', lazy: async () => ({ Component: (await import('./SetupPage')).SetupPage }) },
];
