import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import { ThemeProvider } from '@mui/material/styles';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { RenderResult } from '@testing-library/react';
import { render } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import type { ReactNode } from 'react';
import type { RouteObject } from 'react-router';
import { createMemoryRouter, Outlet, RouterProvider } from 'react-router';
import { ToastProvider } from '../components/toast';
import type { Role, Session } from '../lib/session';
import { SESSION_KEY } from '../lib/session';
import { createConsoleTheme } from '../shell/theme';
import { server } from './server';

interface Options {
  role?: Role;
  session?: Partial<Session> | null;
}

type Rendered = RenderResult & { client: QueryClient; router: ReturnType<typeof createMemoryRouter> };

export function sessionOf(role: Role = 'administrator', more: Partial<Session> = {}): Session {
  return {
    user: { id: '00000000-0000-4000-8000-000000000001', email: 'ada@example.com', role },
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    version: '0.1.0',
    environment: 'development',
    sandbox: false,
    https: true,
    connecting: true,
    ...more,
  };
}

// Styles are kept out of the document: the tests' document draws nothing, but would match every rule for every question by role.
const noStyles = createCache({ key: 'css', container: document.createElement('div') });

// One for all tests: Material works out its styles anew for each new theme.
const theme = createConsoleTheme();
// Neither is seen here: ripples make two components of each button, and dialogs take a quarter of a second to go.
theme.components = { ...theme.components, MuiButtonBase: { defaultProps: { disableRipple: true } } };
theme.transitions.duration = { shortest: 0, shorter: 0, short: 0, standard: 0, complex: 0, enteringScreen: 0, leavingScreen: 0 };

/** Draws routes as the console does, at a path, signed in with a role. */
export function renderRoutes(routes: RouteObject[], path: string, options: Options = {}): Rendered {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false }, mutations: { retry: false } } });
  if (options.session !== null) {
    const session = sessionOf(options.role, options.session);
    client.setQueryData(SESSION_KEY, session);
    server.use(http.get('*/bff/session', () => HttpResponse.json(session)));
  }
  const router = createMemoryRouter([{ element: <WithToasts />, children: routes }], { initialEntries: [path] });
  const drawn = render(
    <CacheProvider value={noStyles}>
      <ThemeProvider theme={theme}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </ThemeProvider>
    </CacheProvider>,
  );
  return { ...drawn, client, router };
}

function WithToasts() {
  return (
    <ToastProvider>
      <Outlet />
    </ToastProvider>
  );
}

/** For a component that needs no route of its own. */
export function renderElement(element: ReactNode, options: Options = {}): Rendered {
  return renderRoutes([{ path: '*', element }], '/', options);
}

/** A refusal as the services write it. */
export function problem(status: number, code: string, detail: string, extra: Record<string, unknown> = {}) {
  const body = { type: 'about:blank', title: code, status, detail, code, correlation_id: 'c0ffee00-0000-4000-8000-000000000000', ...extra };
  return HttpResponse.json(body, { status, headers: { 'Content-Type': 'application/problem+json' } });
}
