import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { afterEach, describe, expect, it } from 'vitest';
import { setPreference } from '../../lib/preferences';
import { expectNoAxe } from '../../test/axe';
import { fill } from '../../test/fill';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { routes } from './routes';
import { entry } from './testing/fixtures';
import type { AuditEntry, SourceName } from './types';
// Loaded before the tests begin: their patience is for what the page does.
import './AuditPage';

afterEach(() => setPreference('zone', 'local'));

const HOSTILE = '<img src=x onerror=alert(1)>';

/** Pages of a log, by the cursor before them; the first one has none. */
function answer(source: SourceName, pages: Record<string, { items: AuditEntry[]; next: string | null }>) {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get(`*/bff/${source}/audit`, ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(searchParams);
      return HttpResponse.json(pages[searchParams.get('after') ?? ''] ?? { items: [], next: null });
    }),
  );
  return asked;
}

const one = (...items: AuditEntry[]) => ({ '': { items, next: null } });
const rows = async () => within(await screen.findByRole('table', { name: 'Audit log' })).getAllByRole('row').slice(1);
const links = async () => (await rows()).map((row) => within(row).getByRole('link').textContent);

describe('the audit log', () => {
  it('merges both logs over their pages, newest first', async () => {
    const auth = answer('auth', {
      '': { items: [entry('auth-2', '2030-01-01T00:09:00Z', { action: 'nine' }), entry('auth-1', '2030-01-01T00:06:00Z', { action: 'six' })], next: 'older' },
      older: { items: [entry('auth-0', '2030-01-01T00:04:00Z', { action: 'four' })], next: null },
    });
    answer('api', one(entry('api-2', '2030-01-01T00:08:00Z', { action: 'eight' }), entry('api-1', '2030-01-01T00:05:00Z', { action: 'five' })));
    renderRoutes(routes, '/audit');
    expect(await links()).toEqual(['Nine', 'Eight', 'Six']);
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Show older entries' }));
    await waitFor(async () => expect(await links()).toEqual(['Nine', 'Eight', 'Six', 'Five', 'Four']));
    expect(screen.queryByRole('button', { name: 'Show older entries' })).toBeNull();
    expect(auth.map((query) => query.get('after'))).toEqual([null, 'older']);
  });

  it('asks both services for what the URL says, and exports the same', async () => {
    setPreference('zone', 'utc');
    const auth = answer('auth', one());
    const api = answer('api', one());
    renderRoutes(routes, '/audit?q=mail&actor=ada@example.com&outcome=denied&since=2030-01-01&until=2030-01-02');
    expect(await screen.findByText('No entry matches.')).toBeVisible();
    const wanted = { q: 'mail', actor: 'ada@example.com', outcome: 'denied', since: '2030-01-01T00:00:00.000Z', until: '2030-01-03T00:00:00.000Z' };
    for (const asked of [auth, api]) expect(Object.fromEntries(asked[0] ?? [])).toEqual({ ...wanted, limit: '50' });
    for (const source of ['auth', 'api']) {
      const href = new URL(screen.getByRole('link', { name: `${source} CSV` }).getAttribute('href') ?? '', location.origin);
      expect(href.pathname).toBe(`/bff/${source}/audit.csv`);
      expect(Object.fromEntries(href.searchParams)).toEqual(wanted);
    }
  });

  it('puts filters into the URL and clears them', async () => {
    const auth = answer('auth', one());
    answer('api', one());
    const { router } = renderRoutes(routes, '/audit');
    expect(await screen.findByText('Your own sign-in is the first entry.')).toBeVisible();
    await fill('Who (exactly)', 'bob@example.com');
    await waitFor(() => expect(router.state.location.search).toBe('?actor=bob%40example.com'));
    await waitFor(() => expect(auth.at(-1)?.get('actor')).toBe('bob@example.com'));
    const [clear] = await screen.findAllByRole('button', { name: 'Clear filters' });
    await userEvent.click(clear as HTMLElement);
    expect(router.state.location.search).toBe('');
  });

  it('runs nothing of what entries say, in the list and in the drawer', async () => {
    answer('auth', one(entry('auth-1', '2030-01-01T00:00:00Z', { actor: HOSTILE, action: HOSTILE, subject: HOSTILE, address: HOSTILE, details: { user_agent: HOSTILE } })));
    answer('api', one());
    const { baseElement, router } = renderRoutes(routes, '/audit');
    const [row] = await rows();
    expect(row).toHaveTextContent(HOSTILE);
    await userEvent.click(within(row as HTMLElement).getByRole('link'));
    const drawer = await screen.findByRole('dialog');
    expect(router.state.location.search).toBe('?entry=auth-1');
    expect(within(drawer).getByRole('region', { name: 'the details as JSON' })).toHaveTextContent(`"user_agent": "${HOSTILE}"`);
    expect(within(drawer).getByRole('button', { name: 'Copy correlation id' })).toBeVisible();
    expect(baseElement.querySelector('img, [onerror]')).toBeNull();
    await expectNoAxe();
    await userEvent.click(within(drawer).getByRole('button', { name: 'Only this person' }));
    await waitFor(() => expect(router.state.location.search).toBe(`?${new URLSearchParams({ actor: HOSTILE }).toString()}`));
  });

  it('shows one log while the other is away, and says so', async () => {
    answer('auth', one(entry('auth-1', '2030-01-01T00:00:00Z')));
    server.use(http.get('*/bff/api/audit', () => problem(503, 'unavailable', 'The api is away.')));
    renderRoutes(routes, '/audit');
    expect(await screen.findByText('Entries of the api service are missing. Those of the other service are shown.')).toBeVisible();
    expect(await links()).toEqual(['User signed in']);
    await expectNoAxe();
    answer('api', one(entry('api-1', '2030-01-01T00:01:00Z', { action: 'message.opened' })));
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    await waitFor(async () => expect(await links()).toEqual(['Message opened', 'User signed in']));
    expect(screen.queryByText(/are missing/)).toBeNull();
  });

  it('keeps what is shown when an older page fails, and gets it by Retry', async () => {
    answer('auth', { '': { items: [entry('auth-2', '2030-01-01T00:02:00Z', { action: 'two' })], next: 'older' }, older: { items: [entry('auth-1', '2030-01-01T00:01:00Z', { action: 'one' })], next: null } });
    answer('api', one());
    renderRoutes(routes, '/audit');
    const more = await screen.findByRole('button', { name: 'Show older entries' });
    server.use(http.get('*/bff/auth/audit', () => problem(503, 'unavailable', 'Auth is away.'), { once: true }));
    await userEvent.click(more);
    await userEvent.click(await screen.findByRole('button', { name: 'Retry' }));
    await waitFor(async () => expect(await links()).toEqual(['Two', 'One']));
  });

  it('says when a linked entry is not on the page', async () => {
    answer('auth', one());
    answer('api', one());
    renderRoutes(routes, '/audit?entry=api-7');
    expect(await screen.findByText(/Entry api-7 is not among those on the page/)).toBeVisible();
  });

  it('is for administrators', async () => {
    renderRoutes(routes, '/audit', { role: 'operator' });
    expect(await screen.findByText('Needs Administrator')).toBeVisible();
    expect(screen.queryByRole('link', { name: 'auth CSV' })).toBeNull();
  });
});
