import { configure, getConfig } from '@testing-library/react';
import * as React from 'react';

const INTERNALS = '__CLIENT_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE';

/**
 * What is looked for again and again until it is there is not told with the whole document each time it is not yet:
 * only when the patience ends, which asks once more, outside of this.
 */
export function tellMissingBriefly(): void {
  const tellWhole = getConfig().getElementError;
  configure({
    getElementError: (message, container) => {
      if (Reflect.get(getConfig(), '_disableExpensiveErrorDiagnostics') !== true) return tellWhole(message, container);
      const error = new Error(message ?? undefined);
      error.name = 'TestingLibraryElementError';
      return error;
    },
  });
}

/** React notes where each element was made, for its warnings, up to a number a second: as if that were reached. */
export function makeElementsWithoutStacks(): void {
  const internals = (React as unknown as Record<string, object | undefined>)[INTERNALS];
  const reached = { get: () => Infinity, set: () => undefined, configurable: true };
  if (internals) Object.defineProperty(internals, 'recentlyCreatedOwnerStacks', reached);
}
