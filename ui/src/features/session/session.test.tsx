import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { fill } from '../../test/fill';
import { problem, renderRoutes, sessionOf } from '../../test/render';
import { server } from '../../test/server';
import { publicRoutes } from './routes';
// Loaded before the tests begin: their patience is for what the page does.
import './InvitationPage';
import './SignInPage';

const PASSWORD = 'a few words make it';
const routes = [...publicRoutes, { path: '*', element: <h1>Inside</h1> }];

beforeEach(() => {
  server.use(
    http.get('*/bff/session', () => problem(401, 'not_signed_in', 'Sign in first.')),
    http.get('*/bff/auth/setup', () => HttpResponse.json({ needed: false })),
  );
});

afterEach(() => void vi.useRealTimers());

function open(path = '/sign-in') {
  return renderRoutes(routes, path, { session: null });
}

/** What the page says is left to wait. */
function seconds(): number {
  return Number(/in (\d) s/.exec(document.body.textContent ?? '')?.[1] ?? 0);
}

async function signIn() {
  await fill('Email address', ' ada@example.com ');
  await fill('Password', PASSWORD);
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

describe('signing in', () => {
  it('sends what was typed, and leads to the page that was wanted', async () => {
    const sent: unknown[] = [];
    server.use(
      http.post('*/bff/session', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(sessionOf());
      }),
    );
    const { router } = open('/sign-in?return=%2Fmessages%3Fq%3Dx');
    await signIn();
    await waitFor(() => expect(router.state.location.pathname + router.state.location.search).toBe('/messages?q=x'));
    expect(sent).toEqual([{ email: 'ada@example.com', password: PASSWORD }]);
  });

  it('never leads elsewhere', async () => {
    server.use(http.post('*/bff/session', () => HttpResponse.json(sessionOf())));
    const { router } = open('/sign-in?return=%2F.%2F%2Fevil.example');
    await signIn();
    expect(await screen.findByRole('heading', { name: 'Inside' })).toBeVisible();
    expect(router.state.location.pathname).toBe('/');
  });

  it('does not say which of the two was wrong, nor that there is such a user', async () => {
    server.use(http.post('*/bff/session', () => problem(401, 'sign_in_failed', 'no user ada@example.com')));
    open();
    await signIn();
    expect(await screen.findByText('The address or the password is wrong.')).toBeVisible();
    expect(document.body).not.toHaveTextContent('no user');
    expect(screen.getByLabelText('Password')).toHaveValue(PASSWORD);
    await expectNoAxe();
  });

  it('waits as long as the service asks, counting down', async () => {
    // The clock goes on by itself, for the page and its calls, and is moved over the long waits.
    vi.useFakeTimers({ shouldAdvanceTime: true });
    server.use(http.post('*/bff/session', () => problem(429, 'sign_in_delayed', 'Wait.', { retry_after: 8 })));
    open();
    await signIn();
    expect(await screen.findByText(/Too many attempts. Try again in \d s/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeDisabled();
    const first = seconds();
    await act(() => vi.advanceTimersByTimeAsync(1500));
    await waitFor(() => expect(seconds()).toBeLessThan(first));
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeDisabled();
    await act(() => vi.advanceTimersByTimeAsync(7000));
    expect(await screen.findByText('You can try again now.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeEnabled();
  });

  it('tells other failures with the id to report', async () => {
    server.use(http.post('*/bff/session', () => problem(503, 'database_unavailable', 'the database does not answer')));
    open();
    await signIn();
    expect(await screen.findByText(/You could not be signed in. The database does not answer./)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Copy correlation id' })).toBeVisible();
  });

  it('shows the password when asked', async () => {
    open();
    await fill('Password', PASSWORD);
    expect(screen.getByLabelText('Password')).toHaveAttribute('type', 'password');
    expect(screen.getByLabelText('Password')).toHaveAttribute('autocomplete', 'current-password');
    await userEvent.click(screen.getByRole('button', { name: 'Show the password' }));
    expect(screen.getByLabelText('Password')).toHaveAttribute('type', 'text');
    await expectNoAxe();
  });

  it('leads to the set-up link where nobody can sign in yet', async () => {
    server.use(http.get('*/bff/auth/setup', () => HttpResponse.json({ needed: true })));
    open();
    expect(await screen.findByText(/Open the set-up link/)).toBeVisible();
  });

  it('is over for those who are signed in already', async () => {
    const { router } = renderRoutes(routes, '/sign-in?return=%2Fevents');
    await waitFor(() => expect(router.state.location.pathname).toBe('/events'));
  });
});

describe('an invitation', () => {
  it('takes its token out of the address, the password, and signs in', async () => {
    const sent: unknown[] = [];
    server.use(
      http.post('*/bff/auth/invitations/accept', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ email: 'bob@example.com' });
      }),
      http.post('*/bff/session', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(sessionOf('viewer'));
      }),
    );
    const { router } = open('/invitation#token=one-time');
    expect(await screen.findByRole('heading', { name: 'Choose your password' })).toBeVisible();
    await waitFor(() => expect(router.state.location.hash).toBe(''));
    expect(screen.getByRole('button', { name: 'Save and sign in' })).toBeDisabled();
    await fill('Password', 'short');
    expect(screen.getByText('7 more characters, please.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Save and sign in' })).toBeDisabled();
    await fill('Password', PASSWORD);
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Save and sign in' }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/'));
    expect(sent).toEqual([{ token: 'one-time', password: PASSWORD }, { email: 'bob@example.com', password: PASSWORD }]);
  });

  it('that was used says so, and does not sign in', async () => {
    server.use(http.post('*/bff/auth/invitations/accept', () => problem(410, 'invitation_used', 'the invitation was used or is too old')));
    open('/invitation#token=old');
    await fill('Password', PASSWORD);
    await userEvent.click(screen.getByRole('button', { name: 'Save and sign in' }));
    expect(await screen.findByText(/The invitation was used or is too old/)).toBeVisible();
  });

  it('says that the password is saved when only the sign-in failed', async () => {
    server.use(
      http.post('*/bff/auth/invitations/accept', () => HttpResponse.json({ email: 'bob@example.com' })),
      http.post('*/bff/session', () => problem(503, 'unavailable', 'Away.')),
    );
    open('/invitation#token=t');
    await fill('Password', PASSWORD);
    await userEvent.click(screen.getByRole('button', { name: 'Save and sign in' }));
    expect(await screen.findByText('Your password is saved.')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Sign in' })).toHaveAttribute('href', '/sign-in');
  });

  it('without its token asks for the whole link', async () => {
    await act(async () => void open('/invitation'));
    expect(await screen.findByText(/only a part of an invitation/)).toBeVisible();
    expect(screen.queryByLabelText('Password')).not.toBeInTheDocument();
    await expectNoAxe();
  });
});
