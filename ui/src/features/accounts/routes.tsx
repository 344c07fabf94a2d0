import type { RouteObject } from 'react-router';

export const routes: RouteObject[] = [
  {
    path: '/admin/tenants',
    lazy: async () => ({ Component: (await import('./AccountsLayout')).AccountsLayout }),
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./AccountsPage')).AccountsPage }) },
      { path: ':id/:tab?', lazy: async () => ({ Component: (await import('./AccountPage')).AccountPage }) },
    ],
  },
];
