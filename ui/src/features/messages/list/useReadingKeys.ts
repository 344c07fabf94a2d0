import { useShortcuts } from '../../../lib/shortcuts';

interface Reading {
  ids: string[];
  open: string | undefined;
  onOpen: (id: string) => void;
}

/** j opens the next message, k the one before. */
export function useReadingKeys({ ids, open, onOpen }: Reading): void {
  const go = (step: -1 | 1) => {
    const next = neighbour(ids, open, step);
    if (next !== undefined) onOpen(next);
  };
  useShortcuts({ j: () => go(1), k: () => go(-1) });
}

/** The neighbour of the open row; the first one when none is open. */
export function neighbour(ids: string[], open: string | undefined, step: -1 | 1): string | undefined {
  const place = open === undefined ? -1 : ids.indexOf(open);
  if (place === -1) return ids[0];
  return ids[place + step];
}
