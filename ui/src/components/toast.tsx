import type { ReactNode } from 'react';
import { createContext, useCallback, useContext, useState } from 'react';
import { later } from '../lib/later';
import { WhenOpened } from './WhenOpened';

export interface Toast {
  text: string;
  severity?: 'success' | 'info' | 'warning' | 'error';
  link?: { to: string; label: string };
  undo?: () => void;
}

const ToastContext = createContext<(toast: Toast) => void>(() => undefined);
const ToastBar = later(async () => (await import('./ToastBar')).ToastBar);

/** Tell the outcome of an action: `toast({ text: '3 items were queued', link: { to: '/…', label: 'Show them' } })`. */
export function useToast(): (toast: Toast) => void {
  return useContext(ToastContext);
}

/** Shows one toast after the other at the foot of the page. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [queue, setQueue] = useState<(Toast & { key: number })[]>([]);
  const add = useCallback((toast: Toast) => setQueue((before) => [...before, { ...toast, key: nextKey() }]), []);
  const close = () => setQueue((before) => before.slice(1));
  const current = queue[0];
  return (
    <ToastContext value={add}>
      {children}
      <WhenOpened open={current !== undefined}>{current && <ToastBar key={current.key} toast={current} close={close} />}</WhenOpened>
    </ToastContext>
  );
}

let lastKey = 0;

function nextKey(): number {
  lastKey += 1;
  return lastKey;
}
