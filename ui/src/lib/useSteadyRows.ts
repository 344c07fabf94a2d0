import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { CursorPage, Identified, Shown } from './steadyRows';
import { append, countNew, nothingShown, showHead, takeIn } from './steadyRows';

interface Source<T> {
  /** Names the list (its filters): another scope starts anew. */
  scope: string;
  /** The newest page, as often as it is fetched. */
  head: CursorPage<T> | undefined;
  /** Fetches the page after a cursor. */
  fetchAfter: (after: string) => Promise<CursorPage<T>>;
}

export interface SteadyRows<T> {
  rows: T[];
  /** The cursor behind the last of the rows. */
  next: string | null;
  newCount: number;
  showNew: () => void;
  hasMore: boolean;
  loadMore: () => void;
  isLoadingMore: boolean;
  moreError: Error | null;
}

/** A list that people read: new rows never move it, they are counted and shown when asked for. */
export function useSteadyRows<T extends Identified>({ scope, head, fetchAfter }: Source<T>): SteadyRows<T> {
  const [kept, setShown] = useState<Shown<T>>(() => nothingShown(scope));
  const shown = current(kept, scope, head);
  // Adjusting during the render, as React advises for state that follows a value: no frame shows the old list.
  if (shown !== kept) setShown(shown);
  const more = useMutation({
    mutationFn: async (after: string) => ({ after, page: await fetchAfter(after) }),
    onSuccess: ({ after, page }) => setShown((now) => (now.scope === scope ? append(now, after, page) : now)),
  });
  return {
    rows: shown.rows,
    next: shown.next,
    newCount: countNew(shown),
    showNew: () => setShown(showHead),
    hasMore: shown.next !== null,
    loadMore: () => {
      if (shown.next !== null && !more.isPending) more.mutate(shown.next);
    },
    isLoadingMore: more.isPending,
    moreError: more.error,
  };
}

function current<T extends Identified>(kept: Shown<T>, scope: string, head: CursorPage<T> | undefined): Shown<T> {
  const shown = kept.scope === scope ? kept : nothingShown<T>(scope);
  return head === undefined || head === shown.head ? shown : takeIn(shown, head);
}
