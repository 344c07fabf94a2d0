import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { server } from './server';
import { installBrowserParts } from './browserParts';
import { makeElementsWithoutStacks, tellMissingBriefly } from './quick';

installBrowserParts();
makeElementsWithoutStacks();
tellMissingBriefly();
// Pages are loaded when they are opened, which takes a while on a busy machine.
configure({ asyncUtilTimeout: 15_000 });

// A call that no test foresaw is a fault of the test or of the page, never a silent one.
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  cleanup();
  server.resetHandlers();
  localStorage.clear();
});
afterAll(() => server.close());
