import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../../lib/api/client';
import { getSystem } from '../../lib/api/generated/api';
import type { Session } from '../../lib/session';
import { SESSION_KEY } from '../../lib/session';

export interface FirstAdministrator {
  email: string;
  password: string;
}

export function setupQuery() {
  return queryOptions({
    queryKey: ['auth', 'setup'],
    queryFn: ({ signal }) => request<{ needed: boolean }>('GET', '/auth/setup', { signal }),
  });
}

/** Makes the first administrator and signs them in. When only the sign-in fails, a second try signs in alone. */
export function useFirstAdministrator(token: string) {
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: (person: FirstAdministrator) => request<unknown>('POST', '/auth/setup', { body: { token, ...person } }),
  });
  return useMutation({
    mutationFn: async (person: FirstAdministrator) => {
      if (!make.isSuccess) await make.mutateAsync(person);
      return request<Session>('POST', '/session', { body: person });
    },
    onSuccess: (session) => client.setQueryData(SESSION_KEY, session),
  });
}

export function webhookQuery() {
  return queryOptions({
    queryKey: ['api', 'system'],
    queryFn: async ({ signal }) => (await getSystem({ signal, throwOnError: true })).data,
  });
}
