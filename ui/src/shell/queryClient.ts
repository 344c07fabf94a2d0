import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from '../lib/api/problem';

const MOST_RETRIES = 1;

/** Answers stay fresh for a short time only: the live stream says when something changed. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 5_000, gcTime: 5 * 60_000, retry: worthAnotherTry, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}

/** A refusal stays a refusal; only silence and failures of the service are asked again. */
function worthAnotherTry(failures: number, error: Error): boolean {
  const refused = error instanceof ApiProblem && error.status >= 400 && error.status < 500;
  return !refused && failures < MOST_RETRIES;
}
