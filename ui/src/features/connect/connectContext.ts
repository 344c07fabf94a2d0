import { createContext, useContext } from 'react';
import type { Way } from './ways';

/** More of the address: which registration or organisation a way begins with. */
export interface Begin {
  registration?: string;
  org?: string;
}

export interface Connect {
  titleId: string;
  /** What the address says beside the way; empty where it says nothing. */
  registration: string;
  org: string;
  go: (way: Way | 'choose', begin?: Begin) => void;
  close: () => void;
}

export const ConnectContext = createContext<Connect | null>(null);

export function useConnect(): Connect {
  const found = useContext(ConnectContext);
  if (found === null) throw new Error('useConnect is for parts of the connect dialog');
  return found;
}
