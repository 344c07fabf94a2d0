import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { fill } from '../../test/fill';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import type { ApiKey } from './api-keys/api';
import { routes } from './routes';
// Loaded before the tests begin: their patience is for what the page does.
import './SettingsPage';

const KEY = 'flv_0123456789abcdefghijABCDEFGHIJ0123456789abcdefXY';
const ACCOUNT = { id: '00000000-0000-4000-8000-0000000000aa', account_email: 'sales@contoso.example', display_name: 'Sales' };

function apiKey(number: number, more: Partial<ApiKey> = {}): ApiKey {
  return {
    id: `00000000-0000-4000-8000-00000000000${number}`,
    shown: 'flv_01234567',
    name: `Program ${number}`,
    scopes: ['messages:read'],
    tenant_ids: null,
    created_by: 'ada@example.com',
    created_at: '2030-01-01T00:00:00Z',
    expires_at: null,
    last_used_at: null,
    revoked_at: null,
    revoked_by: null,
    state: 'active',
    ...more,
  };
}

function open(keys: ApiKey[], role: 'administrator' | 'operator' = 'administrator') {
  server.use(http.get('*/bff/auth/api-keys', () => HttpResponse.json({ items: keys })));
  return renderRoutes(routes, '/settings/api-keys', { role });
}

beforeEach(() => {
  server.use(http.get('*/bff/api/accounts', () => HttpResponse.json({ items: [ACCOUNT], next: null, total: 1, attention_total: 0, stale_since: null })));
});

describe('keys of programs', () => {
  it('are listed with what they open, and only good ones can be revoked', async () => {
    const name = '<img src=x onerror=alert(1)>';
    open([apiKey(1, { name, tenant_ids: [ACCOUNT.id, 'b', 'c'] }), apiKey(2, { state: 'revoked' }), apiKey(3, { state: 'expired' })]);
    const rows = within(await screen.findByRole('table', { name: 'API keys' })).getAllByRole('row').slice(1);
    expect(rows[0]).toHaveTextContent(name);
    await waitFor(() => expect(rows[0]).toHaveTextContent('sales@contoso.example, b and 1 more'));
    expect(rows[0]).toHaveTextContent('flv_01234567…');
    expect(rows[1]).toHaveTextContent('Revoked');
    expect(rows[2]).toHaveTextContent('Expired');
    expect(screen.getAllByRole('button', { name: /^Revoke/ })).toHaveLength(1);
    expect(document.querySelector('[onerror]')).toBeNull();
    await expectNoAxe();
  });

  it('are made with scopes, accounts and an end, shown once, and gone with the dialog', async () => {
    const sent: unknown[] = [];
    server.use(
      http.post('*/bff/auth/api-keys', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ api_key: apiKey(4, { name: 'n8n', tenant_ids: [ACCOUNT.id] }), key: KEY }, { status: 201 });
      }),
    );
    open([]);
    expect(await screen.findByText('No API keys yet.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Make a key' }));
    const dialog = await screen.findByRole('dialog', { name: 'Make an API key' });
    expect(within(dialog).getByRole('button', { name: 'Make the key' })).toBeDisabled();
    await fill(/^Name/, ' n8n ');
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /^events:read/ }));
    await userEvent.click(within(dialog).getByRole('combobox', { name: 'Accounts' }));
    await userEvent.click(await screen.findByRole('option', { name: 'sales@contoso.example' }));
    await expectNoAxe();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Make the key' }));
    const shown = await screen.findByRole('dialog', { name: 'Key for n8n' });
    expect(within(shown).getByLabelText('API key')).toHaveValue(KEY);
    expect(shown).toHaveTextContent(`/api/messages?tenant_id=${ACCOUNT.id}`);
    expect(sent).toEqual([{ name: 'n8n', scopes: ['messages:read', 'events:read'], tenant_ids: [ACCOUNT.id], expires_in_days: 90 }]);
    await expectNoAxe(shown);
    await userEvent.click(within(shown).getByRole('button', { name: 'Done' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(document.body.innerHTML).not.toContain(KEY);
  });

  it('are revoked after a question, and a refusal stays in the dialog', async () => {
    const asked: string[] = [];
    server.use(
      http.delete('*/bff/auth/api-keys/:id', ({ params }) => {
        asked.push(String(params['id']));
        return asked.length === 1 ? problem(503, 'database_unavailable', 'the database does not answer') : new HttpResponse(null, { status: 204 });
      }),
    );
    open([apiKey(1)]);
    await userEvent.click(await screen.findByRole('button', { name: 'Revoke Program 1' }));
    const dialog = await screen.findByRole('alertdialog', { name: 'Revoke the key Program 1?' });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Revoke' }));
    expect(await within(dialog).findByText(/The database does not answer/)).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Revoke' }));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).not.toBeInTheDocument());
    expect(asked).toEqual([apiKey(1).id, apiKey(1).id]);
  });

  it('are for administrators', async () => {
    open([], 'operator');
    expect(await screen.findByText(/needs.*Administrator/i)).toBeVisible();
  });
});
