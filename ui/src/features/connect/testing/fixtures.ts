import type { AccountDetail } from '../account';
import type { ConnectLink, Organization, Registration, Words } from '../types';

export const ACCOUNT_ID = '00000000-0000-4000-8000-0000000000aa';
export const ORGANIZATION_ID = '00000000-0000-4000-8000-0000000000bb';
export const AT = '2026-11-23T12:00:00Z';

export function registration(more: Partial<Registration> = {}): Registration {
  return {
    id: '00000000-0000-4000-8000-000000000001',
    client_id: '11111111-2222-3333-4444-555555555555',
    cloud: 'global',
    display_name: 'Contoso',
    is_default: true,
    warning: 'ok',
    expires_in_days: 200,
    redirect_uris: ['http://localhost:8080/auth/oauth/ms365/callback'],
    ...more,
  };
}

export function link(more: Partial<ConnectLink> = {}): ConnectLink {
  return {
    id: '00000000-0000-4000-8000-0000000000cc',
    purpose: 'mailbox',
    login_hint: 'owner@contoso.example',
    mailbox: '',
    state: 'open',
    created_by: 'ada@example.com',
    created_at: AT,
    expires_at: '2030-01-01T00:00:00Z',
    used_at: null,
    ...more,
  };
}

export function organization(more: Partial<Organization> = {}): Organization {
  return {
    id: ORGANIZATION_ID,
    registration_id: registration().id,
    external_tenant_id: '7d9a1c1e-6f0b-4f43-9b8e-0a1b2c3d4e5f',
    display_name: 'Contoso Ltd',
    status: 'granted',
    missing: [],
    last_error: null,
    checked_at: AT,
    ...more,
  };
}

export function words(more: Partial<Words> = {}): Words {
  return {
    code: 'consent_missing',
    status: 'not_connected',
    cause: 'Nobody has approved the permissions this app asks for.',
    who_must_act: 'administrator',
    action: 'Have an administrator approve the app.',
    link: '/auth/oauth/ms365/adminconsent',
    ...more,
  };
}

export function account(more: Partial<AccountDetail> = {}): AccountDetail {
  const light = { state: 'ok' as const, cause: 'It works.', checked_at: AT };
  return {
    id: ACCOUNT_ID,
    provider: 'ms365',
    display_name: 'Contoso Sales',
    account_email: 'sales@contoso.example',
    external_tenant_id: '7d9a1c1e-6f0b-4f43-9b8e-0a1b2c3d4e5f',
    external_account_id: '00000000-0000-4000-8000-0000000000dd',
    organization_name: 'Contoso Ltd',
    access: 'delegated',
    sandbox: false,
    cloud: 'global',
    registration_id: registration().id,
    status: 'connected',
    status_word: 'Connected',
    cause: null,
    who_must_act: null,
    action: null,
    reason: null,
    blocked: null,
    lights: { auth: light, subscription: light, intake: light, processing: light },
    connected_at: AT,
    last_refreshed_at: AT,
    token_expires_at: AT,
    last_message_at: null,
    last_notification_at: null,
    messages_24h: Array.from({ length: 24 }, () => 0),
    dead_letters: 0,
    waiting: 0,
    subscriptions: 1,
    next_expiry: '2030-01-01T00:00:00Z',
    app_credential_expires_at: null,
    granted_scopes: ['Mail.Read', 'User.Read'],
    required_scopes: ['Mail.Read', 'User.Read'],
    missing_scopes: [],
    extra_scopes: [],
    connected_by: 'ada@example.com',
    last_messages: [],
    mailbox_wait: null,
    stale_since: null,
    ...more,
  };
}
