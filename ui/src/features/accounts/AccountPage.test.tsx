import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { fill } from '../../test/fill';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { ACCOUNT_ID, AT, account } from '../connect/testing/fixtures';
import { summary } from '../messages/testing/fixtures';
import { gap, subscription, subscriptionId } from '../subscriptions/testing/fixtures';
import { routes } from './routes';
import type { AccountDetail } from './types';
// Loaded before the tests begin: their patience is for what the page does.
import './AccountsLayout';
import './AccountsPage';
import './AccountPage';

const EMAIL = 'sales@contoso.example';

beforeEach(() => {
  server.use(
    http.get('*/bff/api/accounts', () => HttpResponse.json({ items: [], next: null, total: 0, attention_total: 0, stale_since: null })),
    http.get('*/bff/api/coverage/gaps', () => HttpResponse.json({ items: [], next: null })),
    http.get('*/bff/api/ms365/subscriptions', () => HttpResponse.json({ items: [subscription(1)], next: null, total: 1 })),
  );
});

async function row(name: string) {
  return (await screen.findByRole('rowheader', { name })).closest('tr');
}

function open(more: Partial<AccountDetail> = {}, tab = '', role: 'viewer' | 'operator' | 'administrator' = 'administrator') {
  server.use(http.get('*/bff/api/accounts/:id', () => HttpResponse.json(account(more))));
  return renderRoutes(routes, `/admin/tenants/${ACCOUNT_ID}${tab}`, { role });
}

describe('the page of an account', () => {
  it('says why something is wrong, who must act, and what Microsoft calls it', async () => {
    open({
      status: 'sign_in_required',
      status_word: 'Sign-in required',
      cause: 'Microsoft ended the permission.',
      who_must_act: 'the owner of the mailbox',
      action: { kind: 'reconnect', label: 'Reconnect now' },
      reason: { code: 'invalid_grant', aadsts: 50173, trace_id: 'trace-1', words: {} },
    });
    expect(await screen.findByText(/Microsoft ended the permission. Who must act: the owner of the mailbox./)).toBeVisible();
    expect(screen.getByText('AADSTS50173')).toBeVisible();
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Reconnect now' }));
    expect(await screen.findByRole('dialog', { name: `Reconnect ${EMAIL}?` })).toBeVisible();
  });

  it('says since when and why its mailbox cannot be served', async () => {
    open({
      status: 'blocked',
      status_word: 'Blocked',
      cause: 'The app may not read this mailbox. 12 events waiting.',
      who_must_act: 'administrator',
      blocked: { since: AT, reason: 'forbidden', waiting: 12 },
    });
    expect(await screen.findByText(/The app may not read this mailbox. 12 events waiting. Who must act: administrator./)).toBeVisible();
    expect(screen.getByText(/^Blocked since .*\d/)).toHaveTextContent(/: forbidden$/);
    await expectNoAxe();
  });

  it('says what Microsoft said to a refused refresh, and asks how the account stands now', async () => {
    open();
    let asked = 0;
    server.use(
      http.get('*/bff/api/accounts/:id', () => {
        asked += 1;
        return HttpResponse.json(account({ status: 'sign_in_required', status_word: 'Sign-in required', cause: 'Microsoft wants a sign-in.' }));
      }),
      http.post('*/bff/auth/tenants/:id/refresh', () => problem(409, 'reconnect_required', 'The sign-in was revoked. Connect the account again.')),
    );
    const before = asked;
    await userEvent.click(await screen.findByRole('button', { name: 'Refresh token' }));
    expect(await screen.findByText('The sign-in was revoked. Connect the account again.')).toBeVisible();
    await waitFor(() => expect(asked).toBeGreaterThan(before + 1));
    expect(await screen.findByText(/Microsoft wants a sign-in./)).toBeInTheDocument();
  });

  it('shows its lights in words, and its last messages as text', async () => {
    const light = { state: 'failed' as const, cause: 'No <b>notification</b> for 3 hours.', checked_at: AT };
    open({ lights: { ...account().lights, intake: light }, last_messages: [{ id: 'm1', subject: '<img src=x onerror=alert(1)>', received_at: AT }] });
    expect(await screen.findByText(/No <b>notification<\/b> for 3 hours\./)).toBeVisible();
    expect(screen.getByRole('link', { name: /<img src=x onerror/ })).toHaveAttribute('href', '/messages/m1');
    expect(document.querySelector('[onerror]')).toBeNull();
  });

  it('has its tabs in the address', async () => {
    server.use(http.get('*/bff/api/events', () => HttpResponse.json({ items: [], next: null })));
    const { router } = open();
    await userEvent.click(await screen.findByRole('tab', { name: 'Activity' }));
    expect(router.state.location.pathname).toBe(`/admin/tenants/${ACCOUNT_ID}/activity`);
    expect(await screen.findByText('No events yet.')).toBeVisible();
    expect(screen.getByRole('tabpanel', { name: 'Activity' })).toBeVisible();
  });

  it('compares permissions, and tells what happened to the tokens', async () => {
    const event = { at: AT, kind: 'refresh_failed', detail: '', error: { code: 'x', cause: 'Microsoft refused the token.', action: 'Reconnect.' } };
    server.use(http.get('*/bff/auth/tenants/:id/token-events', () => HttpResponse.json({ items: [event] })));
    open({ granted_scopes: ['Mail.Read', 'Files.Read'], required_scopes: ['Mail.Read', 'User.Read'], missing_scopes: ['User.Read'], extra_scopes: ['Files.Read'] }, '/access');
    expect(await row('Mail.Read')).toHaveTextContent('Granted');
    expect(await row('User.Read')).toHaveTextContent('Missing');
    expect(await row('Files.Read')).toHaveTextContent('More than needed');
    expect(await screen.findByText('Microsoft refused the token. Reconnect.')).toBeVisible();
    await expectNoAxe();
  });

  it('lists its subscriptions and its messages', async () => {
    server.use(http.get('*/bff/api/message-summaries', () => HttpResponse.json({ items: [summary(1)], next: null, total_estimate: 1 })));
    const { router } = open({}, '/subscriptions');
    expect(await screen.findByRole('link', { name: /inbox/ })).toHaveAttribute('href', `/subscriptions/${subscriptionId(1)}`);
    await router.navigate(`/admin/tenants/${ACCOUNT_ID}/messages`);
    expect(await screen.findByRole('link', { name: 'Subject 1' })).toBeVisible();
    await expectNoAxe();
  });

  it('tells of gaps: what was recovered, what is looked through, and what cannot be', async () => {
    const asked: string[] = [];
    server.use(
      http.get('*/bff/api/coverage/gaps', ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.json({
          items: [
            gap(3, { closed_at: null, failures: 2, last_error: '503 from Microsoft.', reasons: ['silence', 'of_a_newer_service'] }),
            gap(2, { closed_at: null, looked_at: 1, recovered: 1, removals: 0 }),
            gap(1, { removals: 1 }),
          ],
          next: null,
        });
      }),
    );
    open({}, '/subscriptions');
    const [failing, working, closed] = within(await screen.findByRole('list', { name: 'Gaps' })).getAllByRole('listitem');
    expect(failing).toHaveTextContent(/Open: cannot look.*quieter than usual; of_a_newer_service. Not looked through yet: 2 looks failed. *503 from Microsoft. Tried again/);
    expect(working).toHaveTextContent('Being looked through: 1 message recovered of 1 looked at so far.');
    expect(closed).toHaveTextContent(/Inbox.*14:02.*15:10.*Closed.*Microsoft said that notifications were lost. 3 messages recovered of 1,200 looked at; 1 message had left the folder./);
    expect(asked).toEqual([`?tenant_id=${ACCOUNT_ID}&limit=25`]);
    await expectNoAxe();
  });

  it('renews and recreates a subscription where it stands', async () => {
    const asked: string[] = [];
    server.use(
      http.post('*/bff/api/ms365/subscriptions/:id/:action', ({ params }) => {
        asked.push(String(params['action']));
        return HttpResponse.json(subscription(1));
      }),
    );
    open({}, '/subscriptions');
    await userEvent.click(await screen.findByRole('button', { name: 'Renew now' }));
    expect(await screen.findByText(/^Renewed. It ends/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Recreate' }));
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Recreate' }));
    expect(await screen.findByText(/^The subscription was made anew/)).toBeVisible();
    expect(asked).toEqual(['renew', 'recreate']);
  });

  it('says that there is no such account', async () => {
    server.use(http.get('*/bff/api/accounts/:id', () => problem(404, 'not_found', 'There is no account with this id.')));
    renderRoutes(routes, `/admin/tenants/${ACCOUNT_ID}`);
    expect(await screen.findByText('There is no account with this id.')).toBeVisible();
  });

  it('offers a viewer no action that would be refused', async () => {
    open({}, '', 'viewer');
    for (const name of ['Test connection', 'Sync now', 'Refresh token', 'Reconnect', 'Disconnect']) {
      expect(await screen.findByRole('button', { name })).toBeDisabled();
    }
  });
});

function answerDisconnect() {
  const asked: string[] = [];
  server.use(
    http.delete('*/bff/auth/tenants/:id', ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json({ removed: 1 });
    }),
  );
  return asked;
}

async function ask() {
  await userEvent.click(await screen.findByRole('button', { name: 'Disconnect' }));
  const dialog = await screen.findByRole('alertdialog', { name: `Disconnect ${EMAIL}?` });
  return { dialog, confirm: within(dialog).getByRole('button', { name: 'Disconnect' }) };
}

describe('disconnecting', () => {
  it('needs the address typed, keeps the mail, and leads to the list', async () => {
    const asked = answerDisconnect();
    const { router } = open();
    const { dialog, confirm } = await ask();
    await expectNoAxe(dialog);
    expect(confirm).toBeDisabled();
    await fill(`Type ${EMAIL} to confirm`, 'sales@contoso');
    expect(confirm).toBeDisabled();
    await fill(`Type ${EMAIL} to confirm`, EMAIL);
    await userEvent.click(confirm);
    expect(await screen.findByText(/Its mail stays here/)).toBeVisible();
    expect(asked).toEqual(['']);
    await waitFor(() => expect(router.state.location.pathname).toBe('/admin/tenants'));
  });

  it('deletes the mail only when that is chosen', async () => {
    const asked = answerDisconnect();
    open();
    const { dialog, confirm } = await ask();
    await userEvent.click(within(dialog).getByRole('radio', { name: /Delete it\. That goes on in the background/ }));
    await fill(`Type ${EMAIL} to confirm`, EMAIL);
    await userEvent.click(confirm);
    expect(await screen.findByText(/Its mail is being deleted here, in the background/)).toBeVisible();
    expect(asked).toEqual(['?delete_messages=true']);
  });

  it('stays open when Microsoft does not answer, and offers to go on without', async () => {
    const asked = answerDisconnect();
    server.use(http.delete('*/bff/auth/tenants/:id', () => problem(502, 'graph_unavailable', 'microsoft does not answer'), { once: true }));
    open();
    const { dialog, confirm } = await ask();
    expect(within(dialog).queryByRole('checkbox')).not.toBeInTheDocument();
    await fill(`Type ${EMAIL} to confirm`, EMAIL);
    await userEvent.click(confirm);
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('Microsoft does not answer.');
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /although Microsoft does not answer/ }));
    await userEvent.click(confirm);
    await waitFor(() => expect(asked).toEqual(['?force=true']));
  });
});

describe('reconnecting', () => {
  it('goes to Microsoft for the same account', async () => {
    const assign = vi.spyOn(window.location, 'assign').mockImplementation(() => undefined);
    const asked: URLSearchParams[] = [];
    server.use(
      http.get('*/bff/auth/oauth/ms365/authorize', ({ request }) => {
        asked.push(new URL(request.url).searchParams);
        return HttpResponse.json({ authorize_url: 'https://login.example/' });
      }),
    );
    open();
    await userEvent.click(await screen.findByRole('button', { name: 'Reconnect' }));
    const dialog = await screen.findByRole('dialog', { name: `Reconnect ${EMAIL}?` });
    expect(dialog).toHaveTextContent('Another account is refused, and then nothing is changed.');
    await expectNoAxe(dialog);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Reconnect at Microsoft' }));
    await waitFor(() => expect(assign).toHaveBeenCalledWith(new URL('https://login.example/')));
    expect(asked[0]?.get('tenant_id')).toBe(ACCOUNT_ID);
  });
});
