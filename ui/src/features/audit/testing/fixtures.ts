import type { AuditEntry } from '../types';

export function entry(id: string, at: string, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id,
    at,
    actor: 'ada@example.com',
    actor_kind: 'user',
    action: 'user.signed_in',
    subject: '00000000-0000-4000-8000-000000000001',
    subject_kind: 'user',
    outcome: 'success',
    address: '192.0.2.7',
    details: {},
    correlation_id: 'c0ffee00-0000-4000-8000-000000000001',
    ...more,
  };
}
