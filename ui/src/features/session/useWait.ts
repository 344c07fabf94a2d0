import { useEffect, useState } from 'react';
import type { ApiProblem } from '../../lib/api/client';

/** Seconds until a refusal that named a time to wait is over, counting down to 0. */
export function useWait(problem: ApiProblem | null): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const until = Date.now() + 1000 * (problem?.retryAfter ?? 0);
    const count = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    count();
    const timer = setInterval(count, 500);
    return () => clearInterval(timer);
  }, [problem]);
  return left;
}
