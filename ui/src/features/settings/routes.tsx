import type { RouteObject } from 'react-router';

export const routes: RouteObject[] = [
  { path: '/settings/:section?', lazy: async () => ({ Component: (await import('./SettingsPage')).SettingsPage }) },
];
