import type { QueryClient } from '@tanstack/react-query';
import { SANDBOX } from '../api';

/** The panel, and what shows the state of accounts. */
export function refreshAfterBreaking(client: QueryClient): Promise<unknown> {
  const keys = [SANDBOX, ['api', 'accounts'], ['api', 'overview'], ['api', 'subscriptions']];
  return Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })));
}
