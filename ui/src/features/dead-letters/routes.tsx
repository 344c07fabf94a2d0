import type { RouteObject } from 'react-router';

const lazy = async () => ({ Component: (await import('./DeadLettersPage')).DeadLettersPage });

export const routes: RouteObject[] = [
  { path: '/dead-letters', lazy },
  { path: '/dead-letters/replays/:replayId', lazy },
];
