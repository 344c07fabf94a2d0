import { queryOptions } from '@tanstack/react-query';
import { request } from '../../lib/api/client';
import { getSystem } from '../../lib/api/generated/api';
import type { AppRegistration, AuthSystem, NewCredential, NewRegistration, RegistrationChange } from './types';

export const REGISTRATIONS = ['auth', 'apps'] as const;

export const authSystemQuery = queryOptions({
  queryKey: ['auth', 'system'],
  queryFn: ({ signal }) => request<AuthSystem>('GET', '/auth/system', { signal }),
});

export const apiSystemQuery = queryOptions({
  queryKey: ['api', 'system'],
  queryFn: async ({ signal }) => (await getSystem({ signal, throwOnError: true })).data,
});

export const registrationsQuery = queryOptions({
  queryKey: REGISTRATIONS,
  queryFn: ({ signal }) => request<{ items: AppRegistration[] }>('GET', '/auth/apps', { signal }),
});

export function addRegistration(body: NewRegistration): Promise<AppRegistration> {
  return request('POST', '/auth/apps', { body });
}

export function changeRegistration(id: string, body: RegistrationChange): Promise<AppRegistration> {
  return request('PATCH', pathOf(id), { body });
}

/** `force`: although accounts use it. */
export function removeRegistration(id: string, force: boolean): Promise<void> {
  return request('DELETE', pathOf(id), { query: { force: force ? 'true' : null } });
}

export function addCredential(id: string, body: NewCredential): Promise<AppRegistration> {
  return request('POST', `${pathOf(id)}/credentials`, { body });
}

export function removeCredential(id: string, credential: string): Promise<void> {
  return request('DELETE', `${pathOf(id)}/credentials/${encodeURIComponent(credential)}`);
}

function pathOf(id: string): string {
  return `/auth/apps/${encodeURIComponent(id)}`;
}
