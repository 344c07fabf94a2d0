import type { RefObject } from 'react';
import { useRef } from 'react';

interface Watching {
  ref: RefObject<HTMLDivElement | null>;
  onPointerEnter: () => void;
  onPointerLeave: () => void;
  mayMove: () => boolean;
}

/** Whether a tail may put rows on top: not while somebody scrolled down, points at a row, or has the focus in one. */
export function useMayMove(): Watching {
  const ref = useRef<HTMLDivElement>(null);
  const pointed = useRef(false);
  return {
    ref,
    onPointerEnter: () => {
      pointed.current = true;
    },
    onPointerLeave: () => {
      pointed.current = false;
    },
    mayMove: () => {
      const box = ref.current;
      return box !== null && !pointed.current && box.scrollTop === 0 && !box.contains(document.activeElement);
    },
  };
}
