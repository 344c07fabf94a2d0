/** A page of a cursor list as the services answer it, newest first. */
export interface CursorPage<T> {
  items: T[];
  next: string | null;
}

/** Rows on the screen: they stay where they are while `head`, the newest page, is fetched again and again. */
export interface Shown<T> {
  scope: string;
  rows: T[];
  next: string | null;
  head: CursorPage<T> | undefined;
}

export interface Identified {
  id: string;
}

export function nothingShown<T>(scope: string): Shown<T> {
  return { scope, rows: [], next: null, head: undefined };
}

/** Take a newest page in: rows that are on the screen are repainted in place, others wait until they are asked for. */
export function takeIn<T extends Identified>(shown: Shown<T>, head: CursorPage<T>): Shown<T> {
  if (shown.rows.length === 0) return { ...shown, rows: head.items, next: head.next, head };
  const byId = new Map(head.items.map((row) => [row.id, row]));
  return { ...shown, rows: shown.rows.map((row) => byId.get(row.id) ?? row), head };
}

/** How many rows of the newest page wait above those on the screen. */
export function countNew<T extends Identified>(shown: Shown<T>): number {
  if (shown.head === undefined) return 0;
  const known = new Set(shown.rows.map((row) => row.id));
  const lastKnown = shown.head.items.findLastIndex((row) => known.has(row.id));
  const above = lastKnown === -1 ? shown.head.items : shown.head.items.slice(0, lastKnown);
  return above.filter((row) => !known.has(row.id)).length;
}

/** Show the newest page. What was loaded below it is dropped: it can be loaded again. */
export function showHead<T>(shown: Shown<T>): Shown<T> {
  const { head } = shown;
  return head === undefined ? shown : { ...shown, rows: head.items, next: head.next };
}

/** Append an older page, unless the list became another one, or the page was appended, in the meantime. */
export function append<T extends Identified>(shown: Shown<T>, after: string, page: CursorPage<T>): Shown<T> {
  if (shown.next !== after) return shown;
  const known = new Set(shown.rows.map((row) => row.id));
  const rows = [...shown.rows, ...page.items.filter((row) => !known.has(row.id))];
  return { ...shown, rows, next: page.next };
}
