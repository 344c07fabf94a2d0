import { useCallback, useState } from 'react';
import { useSearchParams } from 'react-router';

export const PAGE_SIZES = [25, 50, 100];

export interface CursorPaging {
  /** 0-based. */
  page: number;
  pageSize: number;
  /** The cursor of this page, to be given to the service; undefined for the first. */
  after: string | undefined;
  /** `next` is the cursor that the page on the screen named for the one after it. */
  go: (page: number, next: string | null | undefined) => void;
  resize: (pageSize: number) => void;
}

/**
 * Pages over a cursor list. The page and its cursor stand in the URL, so that a page can be linked and Back works;
 * the cursors of the pages before it are remembered here. Where they are not known (an opened link), back is the start.
 */
export function useCursorPaging(firstSize = PAGE_SIZES[0] ?? 25): CursorPaging {
  const [search, setSearch] = useSearchParams();
  const [cursors, setCursors] = useState<Record<number, string>>({});
  const after = search.get('after') ?? undefined;
  const page = after === undefined ? 0 : Math.max(1, Number(search.get('page') ?? 2) - 1) || 1;
  const pageSize = PAGE_SIZES.includes(Number(search.get('size'))) ? Number(search.get('size')) : firstSize;
  const go = useCallback(
    (wanted: number, next: string | null | undefined) => {
      const cursor = wanted > page ? (next ?? undefined) : cursors[wanted];
      if (after !== undefined) setCursors((known) => ({ ...known, [page]: after }));
      setSearch((before) => placed(before, wanted, cursor));
    },
    [page, after, cursors, setSearch],
  );
  const resize = useCallback(
    (size: number) => setSearch((before) => sized(placed(before, 0, undefined), size, firstSize), { replace: true }),
    [setSearch, firstSize],
  );
  return { page, pageSize, after, go, resize };
}

function placed(before: URLSearchParams, page: number, cursor: string | undefined): URLSearchParams {
  const search = new URLSearchParams(before);
  search.delete('after');
  search.delete('page');
  if (page > 0 && cursor !== undefined) {
    search.set('page', String(page + 1));
    search.set('after', cursor);
  }
  return search;
}

function sized(search: URLSearchParams, size: number, usual: number): URLSearchParams {
  if (size === usual) search.delete('size');
  else search.set('size', String(size));
  return search;
}
