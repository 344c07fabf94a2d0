import { BASE, frontDoorFetch } from './client';

/** Given to the generated clients of both services: everything goes to the front door, under its rules. */
export function createClientConfig<T extends object>(override?: T) {
  // The whole address: outside browsers, as in tests, a bare path is none.
  return { ...override, baseUrl: location.origin + BASE, fetch: frontDoorFetch, throwOnError: true as const };
}
