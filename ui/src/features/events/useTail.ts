import { useCallback, useState } from 'react';

export interface Tail {
  paused: boolean;
  pausedAt: string | null;
  pause: () => void;
  resume: () => void;
}

/** Whether new events are fetched, and since when they are not. */
export function useTail(): Tail {
  const [pausedAt, setPausedAt] = useState<string | null>(null);
  const pause = useCallback(() => setPausedAt(new Date().toISOString()), []);
  const resume = useCallback(() => setPausedAt(null), []);
  return { paused: pausedAt !== null, pausedAt, pause, resume };
}
