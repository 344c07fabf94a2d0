import { useChange } from '../settings/useChange';
import { USERS } from './api';
import { inWords } from './refusals';
import type { User } from './types';

/** Changes a user; what the service refuses is told in words. */
export function useUserChange(user: User): <T>(change: () => Promise<T>) => Promise<T> {
  const change = useChange(USERS);
  return async (work) => {
    try {
      return await change(work);
    } catch (error) {
      throw inWords(error, user);
    }
  };
}
