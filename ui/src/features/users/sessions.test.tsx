import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { fill } from '../../test/fill';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { routes } from '../settings/routes';
import { deviceName } from './sessions/device';
import { session } from './testing/fixtures';
// Loaded before the tests begin: their patience is for what the page does.
import '../settings/SettingsPage';

const PATH = '/settings/sessions';
const HOSTILE = '<img src=x onerror=alert(1)>';

function answer() {
  let own = [session(1, { current: true }), session(2, { user_agent: HOSTILE })];
  const asked: string[] = [];
  server.use(
    http.get('*/bff/auth/sessions', ({ request }) => {
      const { search } = new URL(request.url);
      asked.push(search);
      return HttpResponse.json({ items: search === '' ? own : [...own, session(3, { email: 'bob@example.com' })] });
    }),
    http.delete('*/bff/auth/sessions/:id', ({ params }) => {
      own = own.filter(({ id }) => id !== params['id']);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  return asked;
}

const rows = async () => within(await screen.findByRole('table', { name: 'Sessions' })).getAllByRole('row').slice(1);

describe('sessions', () => {
  it('marks the one in use and runs nothing of what browsers call themselves', async () => {
    answer();
    const { container } = renderRoutes(routes, PATH, { role: 'viewer' });
    const [first, second] = await rows();
    expect(first).toHaveTextContent('Firefox on Linux This session');
    expect(second).toHaveTextContent(HOSTILE);
    expect(second).not.toHaveTextContent('This session');
    expect(container.querySelector('img')).toBeNull();
    expect(screen.queryByRole('switch', { name: "Everybody's sessions" })).toBeNull();
    await expectNoAxe();
  });

  it('ends another session', async () => {
    answer();
    renderRoutes(routes, PATH);
    const [, second] = await rows();
    await userEvent.click(within(second as HTMLElement).getByRole('button', { name: /^End the session of ada@example.com/ }));
    const dialog = await screen.findByRole('dialog', { name: 'End the session of ada@example.com?' });
    await expectNoAxe();
    await userEvent.click(within(dialog).getByRole('button', { name: 'End the session' }));
    await waitFor(async () => expect(await rows()).toHaveLength(1));
    expect(await screen.findByText('The session of ada@example.com was ended.')).toBeVisible();
  });

  it('warns before the session in use is ended', async () => {
    answer();
    renderRoutes(routes, PATH);
    const [first] = await rows();
    await userEvent.click(within(first as HTMLElement).getByRole('button', { name: /^End/ }));
    expect(await screen.findByRole('dialog', { name: 'End this session?' })).toHaveTextContent('you will be asked to sign in again');
  });

  it("shows administrators everybody's, by the URL", async () => {
    const asked = answer();
    const { router } = renderRoutes(routes, PATH);
    await rows();
    await userEvent.click(screen.getByRole('switch', { name: "Everybody's sessions" }));
    await waitFor(async () => expect(await rows()).toHaveLength(3));
    expect(router.state.location.search).toBe('?all=yes');
    expect(asked).toEqual(['', '?all=true']);
  });

  it("never asks for everybody's without the role", async () => {
    const asked = answer();
    renderRoutes(routes, `${PATH}?all=yes`, { role: 'operator' });
    expect(await rows()).toHaveLength(2);
    expect(asked).toEqual(['']);
  });

  it('changes the password and says what ended', async () => {
    answer();
    const sent: unknown[] = [];
    server.use(
      http.post('*/bff/auth/me/password', async ({ request }) => {
        sent.push(await request.json());
        return new HttpResponse(null, { status: 204 });
      }),
    );
    renderRoutes(routes, PATH);
    await fill('Current password', 'the old password');
    await fill('New password', 'short');
    expect(screen.getByRole('button', { name: 'Change the password' })).toBeDisabled();
    await fill('New password', 'a much longer password');
    await userEvent.click(screen.getByRole('button', { name: 'Change the password' }));
    expect(await screen.findByText('Your password was changed. All your other sessions were ended.')).toBeVisible();
    expect(sent).toEqual([{ current_password: 'the old password', new_password: 'a much longer password' }]);
    expect(screen.getByLabelText('Current password')).toHaveValue('');
    expect(screen.getByLabelText('New password')).toHaveValue('');
  });

  it('says why a password was not changed', async () => {
    answer();
    server.use(http.post('*/bff/auth/me/password', () => problem(403, 'wrong_password', 'The current password is wrong.')));
    renderRoutes(routes, PATH);
    await fill('Current password', 'not it');
    await fill('New password', 'a much longer password');
    await userEvent.click(screen.getByRole('button', { name: 'Change the password' }));
    expect(await screen.findByText(/The password was not changed\. The current password is wrong\./)).toBeVisible();
  });

  it('names browsers and systems', () => {
    const edge = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0';
    expect(deviceName(edge)).toBe('Edge on Windows');
    expect(deviceName('curl/8.5.0')).toBe('curl');
    expect(deviceName(null)).toBe('Not known');
  });
});
