import type { RefObject } from 'react';
import { useShortcuts } from '../lib/shortcuts';

/** j and k go through the rows of a table, x selects the row; Enter opens it, for the focus is on its link. */
export function useRowKeys(box: RefObject<HTMLElement | null>): void {
  useShortcuts({
    j: () => step(box.current, 1),
    k: () => step(box.current, -1),
    x: () => focusedRow(box.current)?.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click(),
  });
}

function step(box: HTMLElement | null, by: 1 | -1): void {
  const links = [...(box?.querySelectorAll<HTMLAnchorElement>('a.row-link') ?? [])];
  const row = focusedRow(box);
  const current = links.findIndex((link) => row?.contains(link) ?? false);
  const wanted = current === -1 ? 0 : Math.min(Math.max(current + by, 0), links.length - 1);
  links[wanted]?.focus();
  links[wanted]?.scrollIntoView?.({ block: 'nearest' });
}

function focusedRow(box: HTMLElement | null): Element | null {
  const focused = document.activeElement;
  return box?.contains(focused) ? (focused?.closest('[role="row"], tr') ?? null) : null;
}
