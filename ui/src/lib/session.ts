import { queryOptions, useQuery } from '@tanstack/react-query';
import { ApiProblem, request } from './api/client';

export type Role = 'viewer' | 'operator' | 'administrator';

export interface Session {
  user: { id: string; email: string; role: Role };
  expires_at: string;
  version: string;
  environment: 'development' | 'production';
  sandbox: boolean;
  /** Whether new accounts may be connected; the operator may have switched it off. */
  connecting: boolean;
  https: boolean;
}

export const SESSION_KEY = ['bff', 'session'] as const;

/** Who is signed in, and what the console should know of this installation. */
export function sessionQuery() {
  return queryOptions({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) => request<Session>('GET', '/session', { signal }),
    staleTime: 60_000,
    // That nobody is signed in is an answer: it sends to the sign-in page at once.
    retry: (failures, error) => failures < 1 && !(error instanceof ApiProblem && error.status === 401),
    // A part of the shell that is loaded meanwhile must not ask again what was just answered.
    retryOnMount: false,
  });
}

/** Of pages behind the sign-in only: the shell shows them when the session is there. */
export function useSession(): Session | undefined {
  return useQuery(sessionQuery()).data;
}
