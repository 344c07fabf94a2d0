import { useQuery } from '@tanstack/react-query';
import { listDeadLetterGroups } from '../lib/api/generated/api';

/** How many dead letters are open, for the navigation. The list's page asks the same question under the same key. */
export function useOpenDeadLetters(): number | undefined {
  const groups = useQuery({
    queryKey: ['api', 'dead-letter-groups'],
    queryFn: async ({ signal }) => (await listDeadLetterGroups({ signal, throwOnError: true })).data,
  });
  return groups.data?.total;
}
