import type { QueryKey } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';

/**
 * Changes something and has its list read anew, also after a refusal: the list may be what was wrong.
 * Deliberately no mutation of TanStack Query: its cache would keep secrets and one-time links for minutes.
 */
export function useChange(queryKey: QueryKey): <T>(change: () => Promise<T>) => Promise<T> {
  const client = useQueryClient();
  return async (change) => {
    try {
      return await change();
    } finally {
      void client.invalidateQueries({ queryKey });
    }
  };
}
