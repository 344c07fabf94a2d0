import { queryOptions } from '@tanstack/react-query';
import { request } from '../../lib/api/client';
import { LINKS, ORGANIZATIONS, REGISTRATIONS } from './keys';
import type { ConnectLink, MadeLink, Mailbox, MailboxResult, Organization, Registration, Words } from './types';

interface Page<T> {
  items: T[];
  next: string | null;
}

export type Subscribe = 'inbox' | null;

export const registrationsQuery = queryOptions({
  queryKey: REGISTRATIONS,
  queryFn: ({ signal }) => request<Page<Registration>>('GET', '/auth/apps', { signal }),
});

export const linksQuery = queryOptions({
  queryKey: LINKS,
  queryFn: ({ signal }) => request<Page<ConnectLink>>('GET', '/auth/connect-links', { signal }),
});

export const organizationsQuery = queryOptions({
  queryKey: ORGANIZATIONS,
  queryFn: ({ signal }) => request<Page<Organization>>('GET', '/auth/organizations', { query: { limit: 500 }, signal }),
});

export function organizationQuery(id: string) {
  return queryOptions({
    queryKey: [...ORGANIZATIONS, id],
    queryFn: ({ signal }) => request<Organization>('GET', `/auth/organizations/${id}`, { signal }),
  });
}

export function wordsQuery(code: string) {
  return queryOptions({
    queryKey: ['auth', 'error-words', code],
    queryFn: ({ signal }) => request<Words>('GET', `/auth/error-words/${code}`, { signal }),
    enabled: code !== '',
    staleTime: Infinity,
  });
}

export function fetchMailboxes(organizationId: string, search: string, after: string, signal: AbortSignal) {
  const query = { search, after };
  return request<Page<Mailbox>>('GET', `/auth/organizations/${organizationId}/mailboxes`, { query, signal });
}

export interface Flow {
  begin: 'authorize' | 'adminconsent';
  loginHint?: string;
  tenantId?: string;
  registrationId?: string;
  organization?: string;
  subscribe?: Subscribe;
  /** The address of a shared mailbox, to be connected by whoever signs in. */
  mailbox?: string;
}

/** The address at Microsoft where a flow goes on; the cookie that binds it to this browser comes with the answer. */
export async function beginFlow(flow: Flow): Promise<string> {
  const query = {
    login_hint: flow.loginHint,
    tenant_id: flow.tenantId,
    registration_id: flow.registrationId,
    organization: flow.organization,
    subscribe: flow.subscribe,
    mailbox: flow.mailbox,
  };
  const begun = await request<{ authorize_url: string }>('GET', `/auth/oauth/ms365/${flow.begin}`, { query });
  return begun.authorize_url;
}

export interface NewLink {
  purpose: 'mailbox' | 'admin_consent';
  login_hint: string;
  mailbox: string;
  registration_id: string | null;
  tenant_id: string | null;
  expires_in_hours: number;
  subscribe: Subscribe;
}

export function makeLink(body: NewLink): Promise<MadeLink> {
  return request('POST', '/auth/connect-links', { body });
}

export function withdrawLink(id: string): Promise<void> {
  return request('DELETE', `/auth/connect-links/${id}`);
}

export function addOrganization(externalTenantId: string, registrationId: string): Promise<Organization> {
  const body = { external_tenant_id: externalTenantId, registration_id: registrationId || null };
  return request('POST', '/auth/organizations', { body });
}

export function checkOrganization(id: string): Promise<Organization> {
  return request('POST', `/auth/organizations/${id}/check`);
}

export async function connectMailboxes(id: string, mailboxes: string[], subscribe: Subscribe): Promise<MailboxResult[]> {
  const body = { mailboxes, subscribe };
  return (await request<{ items: MailboxResult[] }>('POST', `/auth/organizations/${id}/tenants`, { body })).items;
}
