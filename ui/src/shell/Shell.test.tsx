import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import type { RouteObject } from 'react-router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setPreference } from '../lib/preferences';
import type { Session } from '../lib/session';
import { expectNoAxe } from '../test/axe';
import { problem, renderRoutes } from '../test/render';
import { server } from '../test/server';
import { consoleRoutes } from './router';

beforeEach(() => {
  server.use(
    http.get('*/bff/api/dead-letter-groups', () => HttpResponse.json({ items: [], total: 7 })),
    http.all('*/bff/*', () => problem(503, 'unavailable', 'This is not about pages.')),
  );
});

afterEach(() => setPreference('shortcuts', 'on'));

function Crash(): never {
  throw new Error('drawn wrongly');
}

/** The console at a path, where `/plain` is a page that asks nothing and `/crash` one that throws. */
function open(path = '/plain', session: Partial<Session> = {}) {
  const [root] = consoleRoutes();
  const behind = root?.children?.at(-1)?.children?.[0]?.children;
  const extra: RouteObject[] = [
    { path: '/plain', element: <h1>Plain</h1> },
    { path: '/crash', element: <Crash /> },
    { path: '/events/plain', element: <h1>Under Events</h1> },
  ];
  behind?.unshift(...extra);
  return renderRoutes(root ? [root] : [], path, { session });
}

const notSignedIn = () => problem(401, 'not_signed_in', 'Sign in first.');
const navigation = () => screen.findByRole('navigation', { name: 'Main' });

describe('the navigation', () => {
  it('marks the one page that is open, also for what lies under it', async () => {
    const { router } = open('/plain');
    const nav = await navigation();
    expect(nav.querySelectorAll('[aria-current="page"]')).toHaveLength(0);
    await router.navigate('/events/plain');
    await waitFor(() => expect(nav.querySelector('[aria-current="page"]')).toHaveTextContent('Events'));
    expect(nav.querySelectorAll('[aria-current="page"]')).toHaveLength(1);
  });

  it('counts open dead letters, and has the sandbox only where there is one', async () => {
    open();
    const nav = await navigation();
    expect(await within(nav).findByLabelText('7 open')).toHaveTextContent('7');
    expect(within(nav).queryByRole('link', { name: 'Sandbox' })).not.toBeInTheDocument();
    await expectNoAxe();
  });

  it('stays where it is when a page crashes, so that another can be opened', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { router } = open('/crash');
    expect(await screen.findByRole('heading', { name: 'This page could not be shown' })).toBeVisible();
    expect(screen.getByText('Drawn wrongly.')).toBeVisible();
    const nav = await navigation();
    expect(within(nav).getByRole('link', { name: 'Events' })).toHaveAttribute('href', '/events');
    await router.navigate('/plain');
    expect(await screen.findByRole('heading', { name: 'Plain' })).toBeVisible();
  });

  it('stays beside an address that leads nowhere', async () => {
    open('/no/such/page');
    expect(await screen.findByRole('heading', { name: 'There is no such page' })).toBeVisible();
    expect(screen.getByRole('link', { name: 'Go to the overview' })).toHaveAttribute('href', '/');
    expect(await navigation()).toBeVisible();
    expect(document.title).toBe('There is no such page - Flovify');
  });
});

describe('keys', () => {
  it('lead to pages after g', async () => {
    const { router } = open('/plain', { sandbox: true });
    await navigation();
    await userEvent.keyboard('gx');
    await waitFor(() => expect(router.state.location.pathname).toBe('/sandbox'));
  });

  it('are explained by ?, rest while that is open, and can be switched off there', async () => {
    const { router } = open();
    await navigation();
    await userEvent.keyboard('?');
    const help = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
    expect(help).toHaveTextContent('g dDead letters');
    await expectNoAxe(help);
    await userEvent.keyboard('ge');
    expect(router.state.location.pathname).toBe('/plain');
    await userEvent.click(within(help).getByRole('switch', { name: 'Single-key shortcuts' }));
    await userEvent.click(within(help).getByRole('button', { name: 'Close' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    await userEvent.keyboard('ge?');
    expect(router.state.location.pathname).toBe('/plain');
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });
});

describe('the search over everything', () => {
  const account = { id: '1', display_name: 'Contoso <b>Sales</b>', account_email: 'sales@contoso.example' };

  it('finds pages, accounts and messages, and leads to them', async () => {
    server.use(
      http.get('*/bff/api/accounts', ({ request }) => HttpResponse.json({ items: request.url.includes('q=sales') ? [account] : [] })),
      http.get('*/bff/api/message-summaries', () => HttpResponse.json({ items: [{ id: 'm', subject: '', from: null, received_at: null }] })),
    );
    const { router } = open();
    await navigation();
    await userEvent.keyboard('{Control>}k{/Control}');
    await waitFor(() => expect(screen.getByRole('combobox', { name: 'Search everything' })).toHaveFocus());
    await userEvent.paste('sales');
    const found = await screen.findByRole('option', { name: /Contoso <b>Sales<\/b>.*sales@contoso.example/ });
    expect(screen.getByRole('option', { name: '(no subject)' })).toBeVisible();
    await userEvent.click(found);
    await waitFor(() => expect(router.state.location.pathname).toBe('/admin/tenants/1'));
  });

  it('finds pages by their names, and takes Enter', async () => {
    const { router } = open();
    await navigation();
    await userEvent.keyboard('{Control>}k{/Control}');
    await userEvent.paste('audit');
    expect(await screen.findByRole('option', { name: 'Audit log' })).toBeVisible();
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toBe('/audit'));
  });

  it('says when it failed, instead of that there is nothing', async () => {
    open();
    await navigation();
    await userEvent.keyboard('{Control>}k{/Control}');
    await userEvent.paste('zzz');
    expect(await screen.findByText('The search failed: This is not about pages.')).toBeVisible();
  });
});

describe('the theme', () => {
  it('is chosen from a menu that says which one is on', async () => {
    open();
    await userEvent.click(await screen.findByRole('button', { name: /^Theme: / }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Dark' }));
    expect(await screen.findByRole('button', { name: 'Theme: Dark' })).toBeInTheDocument();
    expect(document.documentElement).toHaveClass('dark');
  });
});

describe('the session', () => {
  it('that is not there leads to the sign-in page at once, and back to the page that was wanted', async () => {
    let asked = 0;
    server.use(http.get('*/bff/auth/setup', () => HttpResponse.json({ needed: false })));
    server.use(
      http.get('*/bff/session', () => {
        asked += 1;
        return notSignedIn();
      }),
    );
    const { router } = renderRoutes(consoleRoutes(), '/events?q=1&period=1h', { session: null });
    await waitFor(() => expect(router.state.location.pathname).toBe('/sign-in'));
    expect(router.state.location.search).toBe('?return=%2Fevents%3Fq%3D1%26period%3D1h');
    expect(asked).toBe(1);
  });

  it('that is lost later does so too, and the sign-in page says why', async () => {
    const { client, router } = open('/plain?x=1');
    await navigation();
    server.use(http.get('*/bff/session', notSignedIn), http.get('*/bff/api/dead-letter-groups', notSignedIn));
    await client.invalidateQueries({ queryKey: ['api', 'dead-letter-groups'] });
    expect(await screen.findByText(/Your session has ended/)).toBeVisible();
    expect(router.state.location.search).toBe('?ended=1&return=%2Fplain%3Fx%3D1');
  });

  it('is ended at the service by signing out, and nothing of it is kept', async () => {
    const ended = vi.fn<() => void>();
    server.use(
      http.delete('*/bff/session', () => {
        ended();
        server.use(http.get('*/bff/session', notSignedIn));
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { client } = open();
    await userEvent.click(await screen.findByRole('button', { name: 'Account menu of ada@example.com' }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
    expect(await screen.findByText('You are signed out.')).toBeVisible();
    expect(ended).toHaveBeenCalledTimes(1);
    expect(client.getQueryData(['api', 'dead-letter-groups'])).toBeUndefined();
  });

  it('that could not be ended is said to go on', async () => {
    const { router } = open();
    await userEvent.click(await screen.findByRole('button', { name: /^Account menu/ }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
    expect(await screen.findByText(/You are still signed in\. This is not about pages\./)).toBeVisible();
    expect(router.state.location.pathname).toBe('/plain');
  });
});
