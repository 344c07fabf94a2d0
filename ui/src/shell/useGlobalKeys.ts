import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { useShortcuts } from '../lib/shortcuts';
import { useSession } from '../lib/session';
import { ALL_PAGES, SANDBOX_PAGE } from './pages';

interface Overlays {
  palette: boolean;
  help: boolean;
  openPalette: () => void;
  openHelp: () => void;
  close: () => void;
}

/** The keys that work on every page, and what they open. */
export function useGlobalKeys(): Overlays {
  const navigate = useNavigate();
  const sandbox = useSession()?.sandbox ?? false;
  const [shown, setShown] = useState<'palette' | 'help' | null>(null);
  const pages = sandbox ? [...ALL_PAGES, SANDBOX_PAGE] : ALL_PAGES;
  useShortcuts({
    ...Object.fromEntries(pages.map((page) => [`g ${page.key}`, () => void navigate(page.to)])),
    '?': () => setShown('help'),
    '/': () => focusSearch(() => setShown('palette')),
  });
  usePaletteKey(() => setShown('palette'));
  return {
    palette: shown === 'palette',
    help: shown === 'help',
    openPalette: () => setShown('palette'),
    openHelp: () => setShown('help'),
    close: () => setShown(null),
  };
}

/** The search field of the page, or the search over everything where the page has none. */
function focusSearch(otherwise: () => void): void {
  const field = document.querySelector<HTMLInputElement>('[data-search]');
  if (field === null) otherwise();
  else field.select();
}

/** Ctrl+K works while typing too, as everywhere. */
function usePaletteKey(open: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      open();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
}
