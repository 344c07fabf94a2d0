import { formatDay } from '../../../lib/time';
import type { SyncResult } from '../types';

/** What a sync found. What is on its way is not stored yet, and not called so. */
export function syncText({ looked_at: looked, already_stored: stored, enqueued, since, truncated }: SyncResult): string {
  const found = enqueued === 0 ? `All ${looked} messages since ${formatDay(since)} are here already.` : `${enqueued} of ${looked} messages since ${formatDay(since)} are on their way, ${stored} were here already.`;
  return truncated ? `${found} There are more: sync again when these are stored.` : found;
}
