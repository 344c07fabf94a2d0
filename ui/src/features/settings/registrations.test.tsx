import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { fill } from '../../test/fill';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { expiryWord } from './registrations/expiry';
import { routes } from './routes';
import { credential, registration } from './testing/fixtures';
import type { AppRegistration } from './types';
// Loaded before the tests begin: their patience is for what the page does.
import './SettingsPage';

const PATH = '/settings/registrations';
const SECRET = 'Xy8~very-secret-value';

function answer(items: AppRegistration[]) {
  server.use(http.get('*/bff/auth/apps', () => HttpResponse.json({ items, next: null })));
}

describe('app registrations', () => {
  it('shows how long credentials last, in words', async () => {
    answer([
      registration({ tenants: 3 }),
      registration({ id: 'b', display_name: 'Old app', warning: 'expired', expires_in_days: -2, credentials: [credential({ warning: 'expired', expires_in_days: -2 })] }),
      registration({ id: 'c', display_name: 'Bare app', warning: 'missing', expires_in_days: null, credentials: [] }),
    ]);
    renderRoutes(routes, PATH);
    const contoso = await screen.findByRole('region', { name: 'Contoso mail' });
    expect(within(contoso).getAllByText('Expires in 41 days')).toHaveLength(2);
    expect(contoso).toHaveTextContent('3 use it');
    expect(within(contoso).getByRole('button', { name: 'Copy application ID' })).toBeVisible();
    expect(within(screen.getByRole('region', { name: 'Old app' })).getAllByText('Expired')).toHaveLength(2);
    expect(screen.getByRole('region', { name: 'Bare app' })).toHaveTextContent('No credential');
    await expectNoAxe();
  });

  it('words every kind of end', () => {
    expect(expiryWord('ok', 200)).toMatchObject({ word: 'OK, 200 days left', level: 'success' });
    expect(expiryWord('expiring', 30)).toMatchObject({ word: 'Expires in 30 days', level: 'warning' });
    expect(expiryWord('expiring', 1)).toMatchObject({ word: 'Expires in 1 day', level: 'error' });
    expect(expiryWord('expiring', 0)).toMatchObject({ word: 'Expires today' });
    expect(expiryWord('ok', null)).toMatchObject({ word: 'End not known' });
  });

  it('sends a secret once and keeps it nowhere', async () => {
    answer([registration()]);
    const sent: unknown[] = [];
    server.use(
      http.post('*/bff/auth/apps/:id/credentials', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(registration(), { status: 201 });
      }),
    );
    const { client, baseElement } = renderRoutes(routes, PATH);
    await userEvent.click(await screen.findByRole('button', { name: 'Add a credential' }));
    const dialog = await screen.findByRole('dialog', { name: 'Add a credential to Contoso mail' });
    expect(within(dialog).getByRole('button', { name: 'Add the credential' })).toBeDisabled();
    await fill('Value of the secret', SECRET);
    expect(within(dialog).getByLabelText('Value of the secret')).toHaveAttribute('type', 'password');
    await expectNoAxe();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Add the credential' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(sent).toEqual([{ kind: 'secret', secret: SECRET }]);
    const cached = JSON.stringify([client.getQueryCache().getAll().map(({ state }) => state.data), client.getMutationCache().getAll().map(({ state }) => state)]);
    expect(cached).not.toContain(SECRET);
    await userEvent.click(screen.getByRole('button', { name: 'Add a credential' }));
    expect(await screen.findByLabelText('Value of the secret')).toHaveValue('');
    expect(baseElement.innerHTML).not.toContain(SECRET);
  });

  it('keeps what was typed when a certificate is refused, and says why', async () => {
    answer([registration()]);
    server.use(http.post('*/bff/auth/apps/:id/credentials', () => problem(422, 'credential_invalid', 'this key does not belong to the certificate')));
    renderRoutes(routes, PATH);
    await userEvent.click(await screen.findByRole('button', { name: 'Add a credential' }));
    await userEvent.click(await screen.findByRole('radio', { name: /Certificate/ }));
    await fill('Certificate (PEM)', '-----BEGIN CERTIFICATE-----');
    await fill('Private key (PEM)', '-----BEGIN PRIVATE KEY-----');
    await userEvent.click(screen.getByRole('button', { name: 'Add the credential' }));
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByText('This key does not belong to the certificate.')).toBeVisible();
    expect(within(dialog).getByLabelText('Certificate (PEM)')).toHaveValue('-----BEGIN CERTIFICATE-----');
  });

  it('adds a registration as the service wants it', async () => {
    answer([]);
    const sent: unknown[] = [];
    server.use(
      http.post('*/bff/auth/apps', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(registration(), { status: 201 });
      }),
    );
    renderRoutes(routes, PATH);
    expect(await screen.findByText('No app registration yet.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Add a registration' }));
    await fill('Application (client) ID', ' 11111111-2222-4333-8444-555555555555 ');
    await fill('Name here', 'Contoso mail');
    await userEvent.click(screen.getByRole('checkbox', { name: 'Enter its credential now' }));
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Add the registration' }));
    expect(await screen.findByText(/Contoso mail was added/)).toBeVisible();
    expect(sent).toEqual([
      { client_id: '11111111-2222-4333-8444-555555555555', cloud: 'global', authority_tenant: 'common', display_name: 'Contoso mail', is_default: false },
    ]);
  });

  it('removes one that is in use only with its name typed and the accounts accepted', async () => {
    answer([registration({ tenants: 2 })]);
    const asked: string[] = [];
    server.use(
      http.delete('*/bff/auth/apps/:id', ({ request }) => {
        asked.push(new URL(request.url).search);
        return new HttpResponse(null, { status: 204 });
      }),
    );
    renderRoutes(routes, PATH);
    const region = await screen.findByRole('region', { name: 'Contoso mail' });
    await userEvent.click(within(region).getByRole('button', { name: 'Remove' }));
    const dialog = await screen.findByRole('alertdialog', { name: 'Remove Contoso mail?' });
    await fill('Type Contoso mail to confirm', 'Contoso mail');
    expect(within(dialog).getByRole('button', { name: 'Remove' })).toBeDisabled();
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /2 accounts use it/ }));
    await expectNoAxe();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(asked).toEqual(['?force=true']));
  });

  it('removes a credential, and warns when it is the only one', async () => {
    answer([registration()]);
    const asked: string[] = [];
    server.use(
      http.delete('*/bff/auth/apps/:id/credentials/:cid', ({ params }) => {
        asked.push(String(params['cid']));
        return new HttpResponse(null, { status: 204 });
      }),
    );
    renderRoutes(routes, PATH);
    await userEvent.click(await screen.findByRole('button', { name: 'Remove the client secret' }));
    const dialog = await screen.findByRole('alertdialog');
    expect(dialog).toHaveTextContent('It is the only one');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(asked).toEqual([credential().id]));
  });

  it('offers no removal of the default and of the one of the environment', async () => {
    answer([registration({ is_default: true }), registration({ id: 'e', display_name: 'From env', source: 'environment' })]);
    renderRoutes(routes, PATH);
    for (const name of ['Contoso mail', 'From env']) {
      expect(within(await screen.findByRole('region', { name })).queryByRole('button', { name: 'Remove' })).toBeNull();
    }
  });

  it('is for administrators, and fails in words', async () => {
    const { unmount } = renderRoutes(routes, PATH, { role: 'operator' });
    expect(await screen.findByText('Needs Administrator')).toBeVisible();
    unmount();
    server.use(http.get('*/bff/auth/apps', () => problem(503, 'unavailable', 'Auth is away.')));
    renderRoutes(routes, PATH);
    expect(await screen.findByText('The app registrations could not be loaded.')).toBeVisible();
  });
});
