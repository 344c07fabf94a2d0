import type { AuditEntry } from '../../lib/api/generated/api';

export type { AuditEntry, AuditPage } from '../../lib/api/generated/api';

/** Each service keeps a log of its own, in the same shape. */
export const SOURCES = ['auth', 'api'] as const;

export type SourceName = (typeof SOURCES)[number];

export type SourcedEntry = AuditEntry & { source: SourceName };
