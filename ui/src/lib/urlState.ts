import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

type Texts = Record<string, string>;

interface HowToGo {
  /** Replace the entry of the history: for typing in a search field, where Back should not undo letters. */
  replace?: boolean;
}

// A changed filter starts again at the first page.
const PAGING = ['after', 'page'];

/**
 * Filters that live in the URL, so that every view can be linked and Back works.
 * What equals its default is left out of the URL. Give `defaults` as a constant of the module.
 */
export function useUrlState<T extends Texts>(defaults: T): [T, (patch: Partial<T>, how?: HowToGo) => void] {
  const [search, setSearch] = useSearchParams();
  const state = useMemo(() => read(search, defaults), [search, defaults]);
  const set = useCallback(
    (patch: Partial<T>, how: HowToGo = {}) => {
      setSearch((before) => written(before, patch, defaults), { replace: how.replace ?? false });
    },
    [setSearch, defaults],
  );
  return [state, set];
}

/** Is any of these set to something else than its default? */
export function isFiltered<T extends Texts>(state: T, defaults: T): boolean {
  return Object.keys(defaults).some((name) => state[name] !== defaults[name]);
}

function read<T extends Texts>(search: URLSearchParams, defaults: T): T {
  const entries = Object.entries(defaults).map(([name, value]) => [name, search.get(name) ?? value]);
  return Object.fromEntries(entries) as T;
}

function written<T extends Texts>(before: URLSearchParams, patch: Partial<T>, defaults: T): URLSearchParams {
  const after = new URLSearchParams(before);
  for (const name of PAGING) after.delete(name);
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined || value === defaults[name]) after.delete(name);
    else after.set(name, value);
  }
  return after;
}
