import { useQuery } from '@tanstack/react-query';
import { groupsQuery } from './api';

/** The causes of what is dead now. */
export function useGroups() {
  return useQuery(groupsQuery);
}
