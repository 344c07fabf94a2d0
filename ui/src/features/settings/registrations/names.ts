import type { Credential } from '../types';

/** "certificate A1B2…", "client secret of 3 Jan 2030" need no more than their kind and what tells them apart. */
export function credentialName({ kind, thumbprint }: Credential): string {
  if (kind === 'secret') return 'client secret';
  return thumbprint ? `certificate ${thumbprint.slice(0, 8)}` : 'certificate';
}
