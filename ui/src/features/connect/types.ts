/** An app registration, as far as connecting needs it. */
export interface Registration {
  id: string;
  client_id: string;
  cloud: string;
  display_name: string;
  is_default: boolean;
  warning: 'ok' | 'expiring' | 'expired' | 'missing';
  expires_in_days: number | null;
  redirect_uris: string[];
}

export interface ConnectLink {
  id: string;
  purpose: 'mailbox' | 'admin_consent';
  login_hint: string;
  mailbox: string;
  state: 'open' | 'used' | 'expired';
  created_by: string;
  created_at: string;
  expires_at: string;
  used_at: string | null;
}

export interface MadeLink extends ConnectLink {
  url: string;
}

export interface Words {
  code: string;
  status: string;
  cause: string;
  who_must_act: string;
  action: string;
  link: string;
}

export interface Organization {
  id: string;
  registration_id: string;
  external_tenant_id: string;
  display_name: string;
  status: 'pending' | 'granted' | 'refused';
  missing: string[];
  last_error: { words: Words } | null;
  checked_at: string | null;
}

export interface Mailbox {
  object_id: string;
  address: string;
  display_name: string;
}

export interface MailboxResult {
  mailbox: string;
  status: 'connected' | 'failed';
  tenant_id?: string | null;
  code?: string | null;
  words?: Words | null;
  command?: string | null;
  graph_request_id?: string | null;
}
