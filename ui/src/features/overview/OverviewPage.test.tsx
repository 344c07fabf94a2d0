import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { afterEach, describe, expect, it } from 'vitest';
import type { Overview } from '../../lib/api/generated/api';
import { setPreference } from '../../lib/preferences';
import { expectNoAxe } from '../../test/axe';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { routes } from './routes';
import { attention, overview } from './testing/fixtures';
// Loaded before the tests begin: their patience is for what the page does.
import './OverviewPage';

afterEach(() => setPreference('checklist', 'shown'));

function open(more: Partial<Overview> = {}, path = '/') {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get('*/bff/api/overview', ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json(overview(more));
    }),
  );
  return { asked, ...renderRoutes(routes, path) };
}

describe('the overview', () => {
  it('says in one sentence how everything stands, and where to look', async () => {
    open({ sentence: { level: 'error', text: '2 accounts need a sign-in.', link: '/admin/tenants?attention=yes' } });
    expect(await screen.findByText('2 accounts need a sign-in.')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Show them' })).toHaveAttribute('href', '/admin/tenants?attention=yes');
    await expectNoAxe();
  });

  it('lists what needs somebody, the worst five first, each with its way out', async () => {
    open({ attention: [1, 2, 3, 4, 5, 6].map((number) => attention(number)) });
    const list = await screen.findByRole('region', { name: 'Needs attention' });
    expect(within(list).getAllByRole('listitem')).toHaveLength(5);
    expect(within(list).getByRole('link', { name: 'Reconnect: Account 2 needs a sign-in' })).toHaveAttribute('href', '/admin/tenants/2');
    await userEvent.click(within(list).getByRole('button', { name: 'Show all 6' }));
    expect(within(list).getAllByRole('listitem')).toHaveLength(6);
  });

  it('shows two needs of one account, and two of the same kind without an account', async () => {
    const health = { account_id: null, kind: 'health' };
    open({ attention: [attention(1), attention(1, { kind: 'subscription', text: 'Its subscription ended' }), attention(2, health), attention(3, health)] });
    const list = await screen.findByRole('region', { name: 'Needs attention' });
    expect(within(list).getAllByRole('listitem')).toHaveLength(4);
  });

  it('runs nothing of what accounts are called', async () => {
    const { container } = open({ attention: [attention(1, { text: '<img src=x onerror=alert(1)>' })] });
    expect(await screen.findByText('<img src=x onerror=alert(1)>')).toBeVisible();
    expect(container.querySelector('[onerror]')).toBeNull();
  });

  it('shows figures that lead to their lists', async () => {
    open();
    const figures = await screen.findByRole('region', { name: 'Figures' });
    expect(within(figures).getByRole('link', { name: /Messages in 24 hours.*1,204/ })).toHaveAttribute('href', '/messages');
    expect(within(figures).getByRole('link', { name: /Delivery delay.*2\.4 s/ })).toHaveAttribute('href', '/events');
    expect(screen.getByText('Nothing needs you.')).toBeVisible();
  });

  it('says what it does not know, instead of 0', async () => {
    const { cards } = overview();
    open({ cards: { ...cards, accounts: null, delay_p95_seconds: null }, stale_since: '2026-11-22T18:00:00Z' });
    const figures = await screen.findByRole('region', { name: 'Figures' });
    const accounts = within(figures).getByRole('link', { name: /^Accounts/ });
    expect(accounts).toHaveTextContent('Unknown');
    expect(accounts).not.toHaveTextContent('none needs action');
    expect(within(figures).getByRole('link', { name: /^Delivery delay/ })).toHaveTextContent('None yet');
    expect(screen.getByText(/The auth service does not answer/)).toBeVisible();
  });

  it('has the same numbers of a chart as a table', async () => {
    open();
    const [button] = await screen.findAllByRole('button', { name: 'View as table' });
    if (button) await userEvent.click(button);
    expect(await screen.findByRole('table')).toHaveTextContent('7');
    await expectNoAxe();
  });

  it('asks for the chosen period, which stands in the URL', async () => {
    const { asked, router } = open({}, '/?period=7d');
    await screen.findByText('All 3 accounts are connected.');
    expect(asked[0]?.get('period')).toBe('7d');
    expect(asked[0]?.get('tz')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: '30 days' }));
    expect(router.state.location.search).toBe('?period=30d');
    await waitFor(() => expect(asked.at(-1)?.get('period')).toBe('30d'));
  });

  it('leads through the first steps until they are dismissed', async () => {
    open();
    expect(await screen.findByText('First steps (1 of 2)')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Receive a message' })).toHaveAttribute('href', '/messages');
    await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(screen.queryByText(/First steps/)).not.toBeInTheDocument();
  });

  it('leads to a first account where there is none', async () => {
    const { cards } = overview();
    const nothing = { accounts: { connected: 0, needing_action: 0 }, messages_24h: 0, messages_per_hour: [], delay_p95_seconds: null };
    open({
      sentence: { level: 'ok', text: 'Nothing connected yet.', link: '/admin/tenants?connect=1' },
      cards: { ...cards, ...nothing },
      series: { bucket_seconds: 3600, from: '2026-11-22T16:00:00Z', buckets: [] },
      dead_by_cause: [],
    });
    expect(await screen.findByRole('link', { name: 'Connect Microsoft 365' })).toHaveAttribute('href', '/admin/tenants?connect=1');
    await expectNoAxe();
  });

  it('says why it could not be loaded, and tries again', async () => {
    open();
    server.use(http.get('*/bff/api/overview', () => problem(503, 'unavailable', 'The database does not answer.'), { once: true }));
    await userEvent.click(await screen.findByRole('button', { name: 'Retry' }));
    expect(await screen.findByText('All 3 accounts are connected.')).toBeVisible();
  });

  it('keeps what it shows when a later question fails', async () => {
    const { client } = open();
    await screen.findByText('All 3 accounts are connected.');
    server.use(http.get('*/bff/api/overview', () => problem(503, 'unavailable', 'Away.')));
    await client.invalidateQueries({ queryKey: ['api', 'overview'] });
    expect(await screen.findByText(/Last updated/)).toBeVisible();
    expect(screen.getByText('All 3 accounts are connected.')).toBeVisible();
  });
});
