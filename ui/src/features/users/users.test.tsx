import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { fill } from '../../test/fill';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { routes } from '../settings/routes';
import { ME, invitation, user } from './testing/fixtures';
import type { User } from './types';
// Loaded before the tests begin: their patience is for what the page does.
import '../settings/SettingsPage';

const PATH = '/settings/users';
const LINK = `${location.origin}/invitation#token=one-time%2Btoken`;

function answer(items: User[] = [user({ id: ME, email: 'ada@example.com' }), user()]) {
  server.use(http.get('*/bff/auth/users', () => HttpResponse.json({ items })));
}

const refuse = () => problem(409, 'last_administrator', 'refused');

async function choose(action: string, email = 'bob@example.com') {
  await userEvent.click(await screen.findByRole('button', { name: `Actions for ${email}` }));
  await userEvent.click(await screen.findByRole('menuitem', { name: action }));
}

describe('users', () => {
  it('shows who may do what', async () => {
    answer([
      user({ id: ME, email: 'ada@example.com' }),
      user({ id: 'b', email: 'new@example.com', role: 'viewer', invited: true, last_signed_in_at: null }),
      user({ id: 'c', email: 'gone@example.com', disabled_at: '2030-01-03T00:00:00Z' }),
      user({ id: 'd', email: 'reset@example.com', role: 'operator', invited: true }),
    ]);
    renderRoutes(routes, PATH);
    const table = within(await screen.findByRole('table', { name: 'Users' }));
    expect(table.getByRole('row', { name: /ada@/ })).toHaveTextContent('YouAdministratorActive');
    expect(table.getByRole('row', { name: /new@/ })).toHaveTextContent('ViewerInvited');
    expect(table.getByRole('row', { name: /gone@/ })).toHaveTextContent('Disabled');
    expect(table.getByRole('row', { name: /reset@/ })).toHaveTextContent('OperatorActive');
    expect(within(screen.getByRole('table', { name: 'Roles' })).getAllByRole('row')).toHaveLength(4);
    await expectNoAxe();
  });

  it('shows the invitation link once', async () => {
    answer();
    const sent: unknown[] = [];
    server.use(
      http.post('*/bff/auth/users', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(invitation({ email: 'eve@example.com' }), { status: 201 });
      }),
    );
    const { client, baseElement } = renderRoutes(routes, PATH);
    await userEvent.click(await screen.findByRole('button', { name: 'Invite a user' }));
    await expectNoAxe();
    await fill('Email address', ' eve@example.com ');
    await userEvent.click(screen.getByRole('button', { name: 'Make the invitation' }));
    const dialog = await screen.findByRole('dialog', { name: 'Link for eve@example.com' });
    expect(within(dialog).getByLabelText('Invitation link')).toHaveValue(LINK);
    expect(dialog).toHaveTextContent(/It ends .*4 Jan 2030/);
    expect(within(dialog).getByRole('button', { name: 'Copy the link' })).toBeVisible();
    expect(sent).toEqual([{ email: 'eve@example.com', role: 'viewer' }]);
    await expectNoAxe();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Done' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(baseElement.innerHTML).not.toContain('one-time');
    const kept = [client.getQueryCache().getAll().map(({ state }) => state.data), client.getMutationCache().getAll().map(({ state }) => state)];
    expect(JSON.stringify(kept)).not.toContain('one-time');
  });

  it('makes a new link after saying what it ends', async () => {
    answer();
    server.use(http.post('*/bff/auth/users/:id/invitation', () => HttpResponse.json(invitation())));
    renderRoutes(routes, PATH);
    await choose('New invitation link');
    const asked = await screen.findByRole('dialog', { name: 'Make a new link for bob@example.com?' });
    expect(asked).toHaveTextContent('the old password stops working and all sessions of this user end');
    await userEvent.click(within(asked).getByRole('button', { name: 'Make a new link' }));
    expect(await screen.findByLabelText('Invitation link')).toHaveValue(LINK);
  });

  it.each([
    ['Disable', 'Disable', 'alertdialog'],
    ['Delete', 'Delete', 'alertdialog'],
  ] as const)('says in words that the last administrator stays: %s', async (action, button, role) => {
    answer();
    server.use(http.patch('*/bff/auth/users/:id', refuse), http.delete('*/bff/auth/users/:id', refuse));
    renderRoutes(routes, PATH);
    await choose(action);
    const dialog = await screen.findByRole(role);
    if (action === 'Delete') await fill('Type bob@example.com to confirm', 'bob@example.com');
    await userEvent.click(within(dialog).getByRole('button', { name: button }));
    expect(await within(dialog).findByText(/The last administrator who can sign in is bob@example\.com\. Make somebody else/)).toBeVisible();
    await expectNoAxe();
  });

  it('changes a role, and says in words when the service sees oneself', async () => {
    answer();
    const sent: unknown[] = [];
    server.use(
      http.patch('*/bff/auth/users/:id', () => problem(409, 'own_account', 'refused'), { once: true }),
    );
    renderRoutes(routes, PATH);
    await choose('Change role');
    const dialog = await screen.findByRole('dialog', { name: 'Change the role of bob@example.com' });
    expect(within(dialog).getByRole('button', { name: 'Change the role' })).toBeDisabled();
    await userEvent.click(within(dialog).getByRole('combobox', { name: 'Role' }));
    await userEvent.click(await screen.findByRole('option', { name: 'Operator' }));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Change the role' }));
    expect(await within(dialog).findByText(/Nobody changes their own role/)).toBeVisible();
    server.use(
      http.patch('*/bff/auth/users/:id', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(user({ role: 'operator' }));
      }),
    );
    await userEvent.click(within(dialog).getByRole('button', { name: 'Change the role' }));
    expect(await screen.findByText('bob@example.com is Operator now.')).toBeVisible();
    expect(sent).toEqual([{ role: 'operator' }]);
  });

  it('offers nobody to change themselves', async () => {
    answer();
    renderRoutes(routes, PATH);
    await userEvent.click(await screen.findByRole('button', { name: 'Actions for ada@example.com' }));
    for (const name of ['Change role', 'Disable', 'Delete']) {
      expect(await screen.findByRole('menuitem', { name })).toHaveAttribute('aria-disabled', 'true');
    }
  });

  it('is for administrators, and fails in words', async () => {
    const { unmount } = renderRoutes(routes, PATH, { role: 'operator' });
    expect(await screen.findByText('Needs Administrator')).toBeVisible();
    unmount();
    server.use(http.get('*/bff/auth/users', () => problem(503, 'unavailable', 'Auth is away.'), { once: true }));
    renderRoutes(routes, PATH);
    expect(await screen.findByText('Users could not be loaded.')).toBeVisible();
    answer();
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(await screen.findByRole('table', { name: 'Users' })).toBeVisible();
  });
});
