import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { fill } from '../../test/fill';
import { problem, renderRoutes, sessionOf } from '../../test/render';
import { server } from '../../test/server';
import { publicRoutes } from './routes';
// Loaded before the tests begin: their patience is for what the page does.
import './SetupPage';

const PERSON = { email: 'ada@example.com', password: 'a few words make it' };

beforeEach(() => {
  server.use(
    http.get('*/bff/session', () => problem(401, 'not_signed_in', 'Sign in first.')),
    http.get('*/bff/auth/setup', () => HttpResponse.json({ needed: true })),
    http.get('*/bff/api/system', () => HttpResponse.json({ webhook_url: 'https://mail.example/webhooks/ms365' })),
  );
});

function open(path: string) {
  return renderRoutes(publicRoutes, path, { session: null });
}

async function makeAdministrator() {
  await fill('Email address', PERSON.email);
  await fill('Password', PERSON.password);
  await userEvent.click(screen.getByRole('button', { name: 'Create and sign in' }));
}

describe('the set-up', () => {
  it('makes the first administrator with the token, which does not stay in the address', async () => {
    const sent: unknown[] = [];
    server.use(
      http.post('*/bff/auth/setup', async ({ request }) => {
        sent.push(await request.json());
        return new HttpResponse(null, { status: 201 });
      }),
      http.post('*/bff/session', async ({ request }) => {
        sent.push(await request.json());
        server.use(http.get('*/bff/session', () => HttpResponse.json(sessionOf())));
        return HttpResponse.json(sessionOf());
      }),
    );
    const { router } = open('/setup#token=one-time');
    await screen.findByLabelText('Email address');
    expect(router.state.location.hash).toBe('');
    await expectNoAxe();
    await makeAdministrator();
    expect(await screen.findByText('https://mail.example/webhooks/ms365')).toBeVisible();
    expect(router.state.location.search).toBe('?step=2');
    expect(sent).toEqual([{ token: 'one-time', ...PERSON }, PERSON]);
  });

  it('signs in alone when only the sign-in failed at first', async () => {
    let made = 0;
    server.use(
      http.post('*/bff/auth/setup', () => {
        made += 1;
        return new HttpResponse(null, { status: 201 });
      }),
      http.post('*/bff/session', () => HttpResponse.json(sessionOf())),
    );
    server.use(http.post('*/bff/session', () => problem(503, 'unavailable', 'Away.'), { once: true }));
    const { router } = open('/setup#token=t');
    await makeAdministrator();
    expect(await screen.findByText(/The administrator could not be made. Away./)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Create and sign in' }));
    await waitFor(() => expect(router.state.location.search).toBe('?step=2'));
    expect(made).toBe(1);
  });

  it('says why a link does not work', async () => {
    server.use(http.post('*/bff/auth/setup', () => problem(403, 'setup_link_expired', 'this link is too old')));
    open('/setup#token=t');
    await makeAdministrator();
    expect(await screen.findByText(/This link is too old/)).toBeVisible();
  });

  it('asks for the whole link, and for a sign-in where it was done', async () => {
    open('/setup');
    expect(await screen.findByText(/only a part of the set-up link/)).toBeVisible();
    server.use(http.get('*/bff/auth/setup', () => HttpResponse.json({ needed: false })));
    open('/setup#token=t');
    expect(await screen.findByText('This installation is set up already.')).toBeVisible();
  });

  it('has later steps for those who are signed in only', async () => {
    open('/setup?step=3');
    expect(await screen.findByRole('link', { name: 'Sign in' })).toHaveAttribute('href', '/sign-in?return=%2Fsetup%3Fstep%3D3');
  });

  it('checks the address, tells each step, and can be skipped', async () => {
    const steps = [
      { name: 'dns', state: 'ok', ms: 12, detail: 'mail.example is 192.0.2.1' },
      { name: 'tls', state: 'failed', ms: 40, detail: 'The certificate ended yesterday.' },
      { name: 'answer', state: 'skipped', ms: 0, detail: '' },
    ];
    server.use(http.post('*/bff/api/system/check-webhook', () => HttpResponse.json({ ok: false, detail: 'Microsoft cannot reach it.', at: null, steps })));
    const { router } = renderRoutes(publicRoutes, '/setup?step=2');
    await userEvent.click(await screen.findByRole('button', { name: 'Check the address' }));
    expect(await screen.findByText('Microsoft cannot reach it.')).toBeVisible();
    expect(screen.getByText('The certificate ended yesterday.')).toBeVisible();
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Skip for now' }));
    expect(router.state.location.search).toBe('?step=3');
  });

  it.each([
    [true, 'Connect my Microsoft 365', '/settings/registrations'],
    [false, 'Connect my Microsoft 365', '/admin/tenants?connect=1'],
    [true, 'Explore with the sandbox', '/admin/tenants?connect=sandbox'],
  ])('ends with where to begin (sandbox: %s): %s', async (sandbox, name, href) => {
    renderRoutes(publicRoutes, '/setup?step=3', { session: { sandbox } });
    expect(await screen.findByRole('link', { name: new RegExp(name) })).toHaveAttribute('href', href);
    expect(screen.queryAllByRole('link', { name: /sandbox/ })).toHaveLength(sandbox ? 1 : 0);
  });
});
