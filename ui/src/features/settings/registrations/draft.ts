import type { NewCredential } from '../types';

/** A credential while somebody types it. */
export interface CredentialDraft {
  kind: 'secret' | 'certificate';
  secret: string;
  /** A day as a date field has it, or nothing. */
  expires: string;
  certificate: string;
  key: string;
}

export const NO_CREDENTIAL: CredentialDraft = { kind: 'secret', secret: '', expires: '', certificate: '', key: '' };

export function isComplete({ kind, secret, certificate, key }: CredentialDraft): boolean {
  return kind === 'secret' ? secret.trim() !== '' : certificate.trim() !== '' && key.trim() !== '';
}

/** As the service takes it. Only the chosen kind is sent: what was typed for the other one stays here. */
export function credentialOf({ kind, secret, expires, certificate, key }: CredentialDraft): NewCredential {
  if (kind === 'certificate') return { kind, certificate_pem: certificate, private_key_pem: key };
  return { kind, secret: secret.trim(), ...(expires && { expires_at: `${expires}T00:00:00Z` }) };
}
