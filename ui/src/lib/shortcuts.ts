import { useEffect, useRef } from 'react';
import { preference } from './preferences';

/** Where the next key is looked for after `g`. */
const SEQUENCE_WAIT = 1500;
const TYPING = 'input, textarea, select, [contenteditable="true"], [role="textbox"], [role="combobox"]';

export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

/**
 * Keys of a page, such as `{ j: next, 'g o': goToOverview, '?': help }`. They rest while somebody types, while a dialog
 * is open, with Ctrl, Alt or Meta held, and where they are switched off (WCAG 2.1.4).
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    let before = { key: '', at: 0 };
    const onKey = (event: KeyboardEvent): void => {
      if (!listens(event)) return;
      const sequence = event.timeStamp - before.at < SEQUENCE_WAIT ? `${before.key} ${event.key}` : '';
      const action = current.current[sequence] ?? (before.key === 'g' && sequence !== '' ? undefined : current.current[event.key]);
      before = { key: event.key, at: event.timeStamp };
      if (action === undefined) return;
      event.preventDefault();
      action(event);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

function listens(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return false;
  if (preference('shortcuts') === 'off') return false;
  if (event.target instanceof Element && event.target.closest(TYPING) !== null) return false;
  return document.querySelector('[aria-modal="true"], [role="menu"]') === null;
}
