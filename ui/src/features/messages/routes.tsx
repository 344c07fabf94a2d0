import type { RouteObject } from 'react-router';

const lazy = async () => ({ Component: (await import('./MessagesPage')).MessagesPage });

export const routes: RouteObject[] = [
  {
    // One component for both, so that opening a message does not begin the list anew.
    path: '/messages/:id?',
    lazy,
  },
];
