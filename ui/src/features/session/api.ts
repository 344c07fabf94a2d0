import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../../lib/api/client';
import type { Session } from '../../lib/session';
import { SESSION_KEY } from '../../lib/session';

export interface Credentials {
  email: string;
  password: string;
}

/** Begins a session; what an earlier one left in the cache is gone. */
export function useSignIn(onSignedIn: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (credentials: Credentials) => request<Session>('POST', '/session', { body: credentials }),
    onSuccess: (session) => {
      client.clear();
      client.setQueryData(SESSION_KEY, session);
      onSignedIn();
    },
  });
}

/** Whether nobody can sign in yet. */
export function setupQuery() {
  return queryOptions({
    queryKey: ['auth', 'setup'],
    queryFn: ({ signal }) => request<{ needed: boolean }>('GET', '/auth/setup', { signal }),
  });
}

export async function acceptInvitation(token: string, password: string): Promise<{ email: string }> {
  return request('POST', '/auth/invitations/accept', { body: { token, password } });
}
