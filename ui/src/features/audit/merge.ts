import type { AuditEntry, SourcedEntry, SourceName } from './types';

/** What was loaded of one log, newest first, and whether there is more behind it. */
export interface Log {
  name: SourceName;
  items: readonly AuditEntry[];
  more: boolean;
}

export interface Merged {
  entries: SourcedEntry[];
  /** The logs whose next page must be loaded before anything older can be shown. None: this is all. */
  wanted: SourceName[];
}

/**
 * Merges logs newest first. It stops where a log ran out of loaded entries but has more: its next entry may be newer than
 * those of the others, which are held back until then. So what is shown never moves when pages are added.
 */
export function merge(logs: readonly Log[]): Merged {
  const at = new Map(logs.map((log) => [log.name, 0]));
  const entries: SourcedEntry[] = [];
  for (;;) {
    const heads = logs.map((log) => ({ log, entry: log.items[at.get(log.name) ?? 0] }));
    const dry = heads.filter(({ log, entry }) => entry === undefined && log.more);
    const newest = dry.length > 0 ? undefined : newestOf(heads);
    if (newest === undefined) return { entries, wanted: dry.map(({ log }) => log.name) };
    entries.push(newest);
    at.set(newest.source, (at.get(newest.source) ?? 0) + 1);
  }
}

interface Head {
  log: Log;
  entry: AuditEntry | undefined;
}

/** Of equal times that of the first log, so that the order is always the same. */
function newestOf(heads: Head[]): SourcedEntry | undefined {
  let newest: SourcedEntry | undefined;
  for (const { log, entry } of heads) {
    if (entry === undefined) continue;
    if (newest === undefined || instant(entry.at) > instant(newest.at)) newest = { ...entry, source: log.name };
  }
  return newest;
}

const FRACTION = 7; // a point and microseconds

/** Comparable as text, to the microsecond, which `Date` cannot tell apart. Services write UTC, without a fraction of zero. */
function instant(at: string): string {
  const [, seconds = at, fraction = ''] = /^(.*?)(\.\d+)?(?:Z|\+00:00)$/.exec(at) ?? [];
  return seconds + (fraction || '.').padEnd(FRACTION, '0');
}
