import { useMutation } from '@tanstack/react-query';
import type { Flow } from './api';
import { beginFlow } from './api';
import { leaveFor } from './leave';

/** Begins a flow and leaves for Microsoft's page. `isLeaving` stays true while the browser goes there. */
export function useFlow() {
  const flow = useMutation({
    mutationFn: async (wanted: Flow) => leaveFor(await beginFlow(wanted)),
  });
  return { begin: flow.mutate, isLeaving: flow.isPending || flow.isSuccess, error: flow.error };
}
