import type { CursorPage, Identified } from '../../lib/steadyRows';

/**
 * Which rows on the screen are dead letters no more, judged by the newest page. The list is ordered by id, the highest
 * first, so the page speaks for every id down to its last one; at the end of the list it speaks for all.
 */
export function vanished<T extends Identified>(rows: T[], head: CursorPage<T> | undefined): ReadonlySet<string> {
  if (head === undefined) return new Set();
  const present = new Set(head.items.map((row) => row.id));
  const lowest = head.next === null ? '' : (head.items.at(-1)?.id ?? '');
  return new Set(rows.filter((row) => row.id >= lowest && !present.has(row.id)).map((row) => row.id));
}
