import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../../test/axe';
import { problem, renderRoutes } from '../../../test/render';
import { server } from '../../../test/server';
import type { AccountDetail } from '../account';
import { accountQuery } from '../account';
import { ACCOUNT_ID, ORGANIZATION_ID, account, organization, words } from '../testing/fixtures';
import { OutcomeDialog } from './OutcomeDialog';

function open(query: string) {
  return renderRoutes([{ path: '/admin/tenants', element: <OutcomeDialog /> }], `/admin/tenants?${query}`);
}

function answerAccount(first: AccountDetail) {
  const shown = { account: first };
  server.use(http.get('*/bff/api/accounts/:id', () => HttpResponse.json(shown.account)));
  return shown;
}

describe('a connected account', () => {
  it('waits for the first message, and shows it when the live stream has the account asked for anew', async () => {
    const shown = answerAccount(account());
    const { client } = open(`connected=${ACCOUNT_ID}`);
    expect(await screen.findByRole('dialog', { name: 'sales@contoso.example is connected' })).toBeVisible();
    expect(screen.getByText('The inbox is subscribed')).toBeVisible();
    expect(screen.getByText('Waiting for the first message…')).toBeVisible();
    await expectNoAxe();
    shown.account = account({ last_messages: [{ id: ORGANIZATION_ID, subject: 'Quote <b>', received_at: null }] });
    await act(() => client.invalidateQueries({ queryKey: accountQuery(ACCOUNT_ID).queryKey }));
    expect(await screen.findByRole('link', { name: 'Quote <b>' })).toHaveAttribute('href', `/messages/${ORGANIZATION_ID}`);
  });

  it('says of a shared mailbox that it is polled, and how soon mail comes', async () => {
    const { lights } = account();
    const subscription = { state: 'ok' as const, cause: 'Microsoft announces nothing of a shared mailbox.', checked_at: null };
    answerAccount(account({ access: 'shared', lights: { ...lights, subscription } }));
    open(`connected=${ACCOUNT_ID}`);
    expect(await screen.findByText('The inbox is polled')).toBeVisible();
    expect(screen.getByText(subscription.cause)).toBeVisible();
    expect(screen.getByText(/within a minute/)).toBeVisible();
  });

  it('offers the subscription that was not wanted at first', async () => {
    const shown = answerAccount(account({ subscriptions: 0 }));
    server.use(
      http.post('*/bff/api/ms365/subscriptions', async ({ request }) => {
        expect(await request.json()).toEqual({ tenant_id: ACCOUNT_ID });
        shown.account = account();
        return HttpResponse.json({}, { status: 201 });
      }),
    );
    open(`connected=${ACCOUNT_ID}`);
    await userEvent.click(await screen.findByRole('button', { name: 'Subscribe the inbox' }));
    expect(await screen.findByText('The inbox is subscribed')).toBeVisible();
  });

  it('shows a subscription that failed, with its cause', async () => {
    const { lights } = account();
    const failed = { state: 'failed' as const, cause: 'Microsoft could not reach the webhook.', checked_at: null };
    answerAccount(account({ lights: { ...lights, subscription: failed } }));
    open(`connected=${ACCOUNT_ID}`);
    expect(await screen.findByText('Microsoft could not reach the webhook.')).toBeVisible();
  });

  it('has the sandbox send a message', async () => {
    answerAccount(account({ sandbox: true }));
    const sent: unknown[] = [];
    server.use(
      http.post('*/bff/api/sandbox/messages', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ id: '1', internet_message_id: '<1@x>' });
      }),
    );
    open(`connected=${ACCOUNT_ID}`);
    await userEvent.click(await screen.findByRole('button', { name: 'Send a test message' }));
    expect(await screen.findByText(/^Sent\./)).toBeVisible();
    expect(sent).toEqual([{ address: 'sales@contoso.example' }]);
  });
});

describe('an admin consent', () => {
  it('goes on to the mailboxes once Microsoft confirms it', async () => {
    let status: 'pending' | 'granted' = 'pending';
    server.use(
      http.get('*/bff/auth/organizations/:id', () => HttpResponse.json(organization({ status }))),
      http.post('*/bff/auth/organizations/:id/check', () => {
        status = 'granted';
        return HttpResponse.json(organization());
      }),
    );
    // The address claims more than the service knows.
    const { router } = open(`organization=${ORGANIZATION_ID}&consent=granted`);
    expect(await screen.findByRole('dialog', { name: 'Contoso Ltd has not approved the app yet' })).toBeVisible();
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Check again' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Choose mailboxes' }));
    expect(router.state.location.search).toBe(`?connect=organization&org=${ORGANIZATION_ID}`);
  });
});

describe('a failure', () => {
  it('is told in words, with who must act and the way out', async () => {
    server.use(http.get('*/bff/auth/error-words/consent_missing', () => HttpResponse.json(words())));
    const { router } = open('error=authorization_failed&reason=consent_missing&aadsts=65001&trace_id=abc');
    expect(await screen.findByText('Nobody has approved the permissions this app asks for.')).toBeVisible();
    expect(screen.getByText('Who must act: an administrator of the organisation.')).toBeVisible();
    expect(screen.getByText('AADSTS65001')).toBeVisible();
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Ask for admin consent' }));
    expect(router.state.location.search).toBe('?connect=consent');
  });

  it('is shown raw where there are no words for it', async () => {
    server.use(http.get('*/bff/auth/error-words/brand_new', () => problem(404, 'code_not_found', 'there is no such code')));
    const { router } = open('error=brand_new&aadsts=999');
    expect(await screen.findByText(/no words for the code/)).toHaveTextContent('brand_new');
    expect(screen.getByText('AADSTS999')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Copy as text' })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(router.state.location.search).toBe('');
  });

  it('asks nothing about a code that cannot be one, and runs nothing of it', async () => {
    open(`error=${encodeURIComponent('<img src=x onerror=alert(1)>')}`);
    expect(await screen.findByText(/no words for the code/)).toHaveTextContent('<img src=x onerror=alert(1)>');
    expect(document.querySelector('img')).toBeNull();
  });

  it('names the missing permission', async () => {
    server.use(http.get('*/bff/auth/error-words/missing_scope', () => HttpResponse.json(words({ code: 'missing_scope', cause: 'A permission was not granted.' }))));
    open('error=missing_scope&scope=Mail.Read');
    expect(await screen.findByText('Mail.Read')).toBeVisible();
  });

  it('names both accounts when another one answered', async () => {
    server.use(http.get('*/bff/auth/error-words/account_mismatch', () => HttpResponse.json(words({ code: 'account_mismatch', link: '' }))));
    open('error=account_mismatch&expected=anna%40contoso.example&signed_in=bob%40contoso.example');
    expect(await screen.findByText('anna@contoso.example')).toBeVisible();
    expect(screen.getByText('bob@contoso.example')).toBeVisible();
  });
});
