import { useEffect, useState } from 'react';

/** True once `milliseconds` have passed: a placeholder that flashes up for a moment is worse than none. */
export function useDelayed(milliseconds: number): boolean {
  const [passed, setPassed] = useState(milliseconds === 0);
  useEffect(() => {
    const timer = setTimeout(() => setPassed(true), milliseconds);
    return () => clearTimeout(timer);
  }, [milliseconds]);
  return passed;
}
