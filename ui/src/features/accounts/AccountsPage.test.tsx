import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { account, words } from '../connect/testing/fixtures';
import { HOSTILE } from '../messages/testing/hostile';
import { routes } from './routes';
import type { Account } from './types';
// Loaded before the tests begin: their patience is for what the page does.
import '../connect/outcome/OutcomeDialog';
import './AccountsLayout';
import './AccountsPage';

function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** A list that a test can change, and what it was asked. */
function answerAccounts(items: Account[], more: Record<string, unknown> = {}) {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get('*/bff/api/removals', () => HttpResponse.json({ items: [] })),
    http.get('*/bff/api/accounts', ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ items, next: null, total: items.length, attention_total: 0, stale_since: null, ...more });
    }),
  );
  return asked;
}

const table = () => screen.findByRole('grid', { name: 'Connected accounts' });

describe('the list of accounts', () => {
  it('shows how each stands, and leads to it', async () => {
    const revoked = account({ id: idOf(2), display_name: 'Support', status: 'consent_revoked', status_word: 'Consent revoked', dead_letters: 1204 });
    answerAccounts([account({ id: idOf(1) }), revoked], { attention_total: 1 });
    renderRoutes(routes, '/admin/tenants');
    const grid = await table();
    expect(await within(grid).findByRole('link', { name: /Support/ })).toHaveAttribute('href', `/admin/tenants/${idOf(2)}`);
    expect(grid).toHaveTextContent('Consent revoked');
    expect(within(grid).getByRole('link', { name: /1204 dead letters/ })).toHaveAttribute('href', `/dead-letters?account=${idOf(2)}`);
    expect(screen.getByRole('button', { name: 'Needs attention (1)' })).toBeVisible();
    expect(document.title).toBe('Connected Accounts (2) - Flovify');
  });

  it('can be read by everybody', async () => {
    answerAccounts([account()], { attention_total: 1 });
    renderRoutes(routes, '/admin/tenants');
    expect(await within(await table()).findByRole('link', { name: /Contoso Sales/ })).toBeVisible();
    await expectNoAxe();
  }, 180_000); // a grid has many nodes to look at

  it('asks the service for what the URL says, and for nothing else', async () => {
    const asked = answerAccounts([account()]);
    renderRoutes(routes, '/admin/tenants?q=sales&status=failing&access=delegated&attention=yes&sort=-connected&page=2&after=c');
    await table();
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({
      q: 'sales', status: 'failing', access: 'delegated', attention: 'true', sort: '-connected', limit: '25', after: 'c',
    });
  });

  it('takes nonsense in the URL for nothing', async () => {
    const asked = answerAccounts([account()]);
    renderRoutes(routes, '/admin/tenants?status=x&access=y&sort=z');
    await table();
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({ sort: 'name', limit: '25' });
  });

  it('runs nothing of what accounts are called', async () => {
    answerAccounts(HOSTILE.slice(0, 25).map((text, index) => account({ id: idOf(index), display_name: text, account_email: text, organization_name: text, cause: text })));
    const { container } = renderRoutes(routes, '/admin/tenants');
    await within(await table()).findAllByRole('link');
    expect(container.querySelectorAll('script, iframe, object, embed, base, [onerror], [onload], [onfocus], a[href^="javascript"], a[href^="data"]')).toHaveLength(0);
    expect(container).toHaveTextContent('<script>window.__hacked=1</script>');
    expect(Reflect.get(window, '__hacked')).toBeUndefined();
  });

  it('offers a first account, and the sandbox where there is one', async () => {
    answerAccounts([]);
    const { router } = renderRoutes(routes, '/admin/tenants', { session: { sandbox: true } });
    expect(await screen.findByText('No accounts yet.')).toBeVisible();
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Try a sandbox mailbox' }));
    expect(router.state.location.search).toBe('?connect=sandbox');
  });

  it('lets a viewer connect nothing', async () => {
    answerAccounts([]);
    renderRoutes(routes, '/admin/tenants', { role: 'viewer' });
    expect(await screen.findByRole('button', { name: 'Connect Microsoft 365' })).toBeDisabled();
    expect(screen.getByRole('button', { name: 'Connect an account' })).toBeDisabled();
  });

  it('says that filters leave none, and clears them', async () => {
    answerAccounts([]);
    const { router } = renderRoutes(routes, '/admin/tenants?q=nobody&status=failing');
    expect(await screen.findByText('No accounts match.')).toBeVisible();
    const [clear] = screen.getAllByRole('button', { name: 'Clear filters' });
    if (clear) await userEvent.click(clear);
    expect(router.state.location.search).toBe('');
  });

  it('says why it could not be loaded, and tries again', async () => {
    answerAccounts([account()]);
    server.use(http.get('*/bff/api/accounts', () => problem(503, 'unavailable', 'The database does not answer.'), { once: true }));
    renderRoutes(routes, '/admin/tenants');
    expect(await screen.findByText('Accounts could not be loaded.')).toBeVisible();
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(await table()).toBeVisible();
  });

  it('keeps its rows when a later question fails, and says that they are old', async () => {
    answerAccounts([account()], { stale_since: '2026-11-22T18:00:00Z' });
    const { client } = renderRoutes(routes, '/admin/tenants');
    await table();
    expect(await screen.findByText(/Status may be old/)).toBeVisible();
    server.use(http.get('*/bff/api/accounts', () => problem(503, 'unavailable', 'Away.')));
    await client.invalidateQueries({ queryKey: ['api', 'accounts'] });
    expect(await screen.findByText(/Reconnecting\./)).toBeVisible();
    expect(await table()).toHaveTextContent('Contoso Sales');
  });
});

describe('the actions of a row', () => {
  it('sync it, and tell how many are on their way', async () => {
    answerAccounts([account()]);
    server.use(
      http.post('*/bff/api/tenants/:id/sync', () =>
        HttpResponse.json({ looked_at: 12, already_stored: 9, enqueued: 3, since: '2026-11-22T18:00:00Z', truncated: false }),
      ),
    );
    renderRoutes(routes, '/admin/tenants');
    await userEvent.click(await screen.findByRole('button', { name: 'Actions for sales@contoso.example' }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Sync now' }));
    expect(await screen.findByText(/3 of 12 messages since .* are on their way, 9 were here already/)).toBeVisible();
    expect(screen.getByRole('link', { name: 'Show its messages' })).toHaveAttribute('href', `/messages?account=${account().id}`);
  });

  it('stay on the screen when they fail, with the id to report', async () => {
    answerAccounts([account()]);
    server.use(http.post('*/bff/api/tenants/:id/sync', () => problem(409, 'mailbox_waits', 'microsoft asked us to wait')));
    renderRoutes(routes, '/admin/tenants');
    await userEvent.click(await screen.findByRole('button', { name: /^Actions for/ }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Sync now' }));
    const told = await screen.findByRole('alertdialog', { name: 'Sync now: not done' });
    expect(told).toHaveTextContent('Microsoft asked us to wait.');
    await expectNoAxe(told);
    await userEvent.click(within(told).getByRole('button', { name: 'Close' }));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).not.toBeInTheDocument());
  });

  it('say which role they need', async () => {
    answerAccounts([account()]);
    renderRoutes(routes, '/admin/tenants', { role: 'operator' });
    await userEvent.click(await screen.findByRole('button', { name: /^Actions for/ }));
    const item = await screen.findByRole('menuitem', { name: /Disconnect/ });
    expect(item).toHaveAttribute('aria-disabled', 'true');
    expect(item).toHaveTextContent('Needs Administrator');
    expect(screen.getByRole('menuitem', { name: 'Test connection' })).not.toHaveAttribute('aria-disabled');
  });
});

describe('a reconnection that another account answered', () => {
  it('is refused in words over the list, and read once', async () => {
    answerAccounts([account()]);
    server.use(
      http.get('*/bff/auth/error-words/account_mismatch', () =>
        HttpResponse.json(words({ code: 'account_mismatch', cause: 'Another account signed in.', who_must_act: 'owner', action: 'Sign in as the owner.' })),
      ),
    );
    const { router } = renderRoutes(routes, '/admin/tenants?q=sales&error=account_mismatch&expected=anna%40contoso.example&signed_in=bob%40contoso.example');
    const told = await screen.findByRole('dialog', { name: 'The account was not connected' });
    expect(await within(told).findByText('Another account signed in.')).toBeVisible();
    expect(told).toHaveTextContent('anna@contoso.example');
    expect(told).toHaveTextContent('bob@contoso.example');
    expect(told).toHaveTextContent('Nothing was changed.');
    await userEvent.click(within(told).getByRole('button', { name: 'Close' }));
    expect(router.state.location.search).toBe('?q=sales');
  });
});
