import { queryOptions } from '@tanstack/react-query';
import { request } from '../../lib/api/client';
import type { Role } from '../../lib/session';
import type { Invitation, SignInSession, User, UserChange } from './types';

export const USERS = ['auth', 'users'] as const;
export const SESSIONS = ['auth', 'sessions'] as const;

export const usersQuery = queryOptions({
  queryKey: USERS,
  queryFn: ({ signal }) => request<{ items: User[] }>('GET', '/auth/users', { signal }),
});

export function invite(email: string, role: Role): Promise<Invitation> {
  return request('POST', '/auth/users', { body: { email, role } });
}

/** A new link to choose a password; links made before stop working. */
export function inviteAgain(id: string): Promise<Invitation> {
  return request('POST', `${userPath(id)}/invitation`);
}

export function changeUser(id: string, change: UserChange): Promise<User> {
  return request('PATCH', userPath(id), { body: change });
}

export function deleteUser(id: string): Promise<void> {
  return request('DELETE', userPath(id));
}

/** One's own sessions, or everybody's. */
export function sessionsQuery(all: boolean) {
  return queryOptions({
    queryKey: [...SESSIONS, all ? 'all' : 'own'],
    queryFn: ({ signal }) =>
      request<{ items: SignInSession[] }>('GET', '/auth/sessions', { signal, query: { all: all ? 'true' : null } }),
  });
}

export function endSession(id: string): Promise<void> {
  return request('DELETE', `/auth/sessions/${encodeURIComponent(id)}`);
}

export function changePassword(current: string, wanted: string): Promise<void> {
  return request('POST', '/auth/me/password', { body: { current_password: current, new_password: wanted } });
}

/** What the invited one opens. The token stands in the fragment, which no browser sends to a server. */
export function invitationLink({ token }: Invitation): string {
  return `${location.origin}/invitation#token=${encodeURIComponent(token)}`;
}

function userPath(id: string): string {
  return `/auth/users/${encodeURIComponent(id)}`;
}
