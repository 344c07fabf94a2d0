import type { PeriodicTaskOut, Setting } from '../../lib/api/generated/api';

export type { ApiSystem, PeriodicTaskOut as PeriodicTask, Setting, WorkerOut as Worker } from '../../lib/api/generated/api';

export type Service = 'auth' | 'api';

/** The state of the auth service; that of the api is `ApiSystem`. */
export interface AuthSystem {
  version: string;
  schema_version: string;
  database: { ok: boolean; latency_ms: number };
  settings: Setting[];
  periodic_tasks: PeriodicTaskOut[];
  registrations_expiring: number;
}

export type Warning = 'ok' | 'expiring' | 'expired' | 'missing';

/** What is known of a credential; what is secret of it is never read back. */
export interface Credential {
  id: string;
  kind: 'secret' | 'certificate';
  source: 'environment' | 'stored';
  thumbprint: string | null;
  subject: string | null;
  created_at: string;
  expires_at: string | null;
  expires_in_days: number | null;
  warning: Warning;
  refused: Record<string, unknown> | null;
  refused_at: string | null;
}

export interface AppRegistration {
  id: string;
  client_id: string;
  cloud: string;
  authority_tenant: string;
  display_name: string;
  is_default: boolean;
  source: 'environment' | 'stored';
  /** How many accounts use it. */
  tenants: number;
  warning: Warning;
  expires_in_days: number | null;
  credentials: Credential[];
  redirect_uris: string[];
  last_error_at: string | null;
  created_at: string;
}

export type NewCredential =
  | { kind: 'secret'; secret: string; expires_at?: string }
  | { kind: 'certificate'; certificate_pem: string; private_key_pem: string };

export interface NewRegistration {
  client_id: string;
  cloud: string;
  authority_tenant: string;
  display_name: string;
  is_default: boolean;
  credential?: NewCredential;
}

export interface RegistrationChange {
  display_name?: string;
  authority_tenant?: string;
  is_default?: true;
}
