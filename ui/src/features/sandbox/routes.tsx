import type { RouteObject } from 'react-router';

export const routes: RouteObject[] = [
  { path: '/sandbox', lazy: async () => ({ Component: (await import('./SandboxPage')).SandboxPage }) },
];
