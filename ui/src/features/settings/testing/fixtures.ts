import type { ApiSystem, AppRegistration, AuthSystem, Credential, Setting } from '../types';

const AT = '2030-01-01T00:00:00Z';

export function setting(name: string, more: Partial<Setting> = {}): Setting {
  return { name, value: 'a value', secret: false, is_set: true, source: 'environment', description: `What ${name} is`, ...more };
}

function task(name: string) {
  return { name, due_at: AT, last_started_at: AT, last_finished_at: AT, last_error: null };
}

export function authSystem(more: Partial<AuthSystem> = {}): AuthSystem {
  return {
    version: '0.1.9',
    schema_version: '0.1.8',
    database: { ok: true, latency_ms: 2 },
    settings: [setting('AUTH_ONLY'), setting('FLOVIFY_ENV', { value: 'production' })],
    periodic_tasks: [task('prune_sessions')],
    registrations_expiring: 0,
    ...more,
  };
}

export function apiSystem(more: Partial<ApiSystem> = {}): ApiSystem {
  return {
    version: '0.1.9',
    schema_version: '0.1.7',
    database: { ok: true, latency_ms: 3 },
    settings: [setting('API_ONLY'), setting('FLOVIFY_ENV', { value: 'production' })],
    periodic_tasks: [{ ...task('renew_subscriptions'), last_error: 'Microsoft did not answer' }],
    workers: [{ name: 'worker-1', started_at: AT, last_seen_at: AT, version: '0.1.9', in_flight: 3, alive: false }],
    queue: { waiting: 12, dead: 2, oldest_seconds: 90 },
    clock_skew_seconds: 0.02,
    webhook_url: 'https://mail.example/webhooks/ms365',
    webhook_checked: { ok: true, detail: 'Flovify answered as Microsoft needs it.', at: AT },
    graph: { state: 'ok', last_success_at: AT, last_error: null, last_error_at: null },
    ...more,
  };
}

export function credential(more: Partial<Credential> = {}): Credential {
  return {
    id: '00000000-0000-4000-8000-0000000000c1',
    kind: 'secret',
    source: 'stored',
    thumbprint: null,
    subject: null,
    created_at: AT,
    expires_at: '2030-03-01T00:00:00Z',
    expires_in_days: 41,
    warning: 'expiring',
    refused: null,
    refused_at: null,
    ...more,
  };
}

export function registration(more: Partial<AppRegistration> = {}): AppRegistration {
  return {
    id: '00000000-0000-4000-8000-0000000000a1',
    client_id: '11111111-2222-4333-8444-555555555555',
    cloud: 'global',
    authority_tenant: 'common',
    display_name: 'Contoso mail',
    is_default: false,
    source: 'stored',
    tenants: 0,
    warning: 'expiring',
    expires_in_days: 41,
    credentials: [credential()],
    redirect_uris: ['https://mail.example/auth/callback'],
    last_error_at: null,
    created_at: AT,
    ...more,
  };
}
