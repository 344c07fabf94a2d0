import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { fill } from '../../test/fill';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { ConnectDialog } from './ConnectDialog';
import { ORGANIZATION_ID, link, organization, registration, words } from './testing/fixtures';

const AUTHORITY = 'https://login.example/authorize?state=1';

beforeEach(() => {
  vi.spyOn(window.location, 'assign').mockImplementation(() => undefined);
  server.use(http.get('*/bff/auth/apps', () => HttpResponse.json({ items: [registration()], next: null })));
});

function open(query: string, session = {}) {
  return renderRoutes([{ path: '/admin/tenants', element: <ConnectDialog /> }], `/admin/tenants?${query}`, { session });
}

/** Microsoft's address is given, and what was asked for it is kept. */
function answerFlow(begin: string): URLSearchParams[] {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get(`*/bff/auth/oauth/ms365/${begin}`, ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ authorize_url: AUTHORITY });
    }),
  );
  return asked;
}

describe('the choice of a way', () => {
  it('offers every way, Google as coming only, and the sandbox only where there is one', async () => {
    open('connect=1');
    const dialog = await screen.findByRole('dialog', { name: 'Connect an account' });
    const names = ['One mailbox', 'A link for somebody else', 'Admin consent', 'Mailboxes of an organisation', 'A shared mailbox', 'Another app registration'];
    for (const name of names) expect(within(dialog).getByRole('button', { name: new RegExp(name) })).toBeEnabled();
    expect(within(dialog).getByRole('button', { name: /Google Workspace.*Coming/ })).toBeDisabled();
    expect(within(dialog).getByRole('button', { name: /Sandbox mailbox/ })).toBeDisabled();
    await expectNoAxe();
  });

  it('leads on by the address, and Back leads back', async () => {
    const { router } = open('connect=1&q=anna');
    await userEvent.click(await screen.findByRole('button', { name: /^One mailbox/ }));
    expect(await screen.findByRole('dialog', { name: 'One mailbox' })).toBeVisible();
    await router.navigate(-1);
    expect(await screen.findByRole('dialog', { name: 'Connect an account' })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(router.state.location.search).toBe('?q=anna');
  });
});

describe('a shared mailbox', () => {
  it('asks for its address, says that it is polled, and goes to Microsoft for somebody who may read it', async () => {
    const asked = answerFlow('authorize');
    open('connect=shared');
    expect(await screen.findByText('Mail.Read.Shared')).toBeVisible();
    expect(screen.getByText(/every 40 seconds/)).toBeVisible();
    await userEvent.type(screen.getByLabelText(/Address of the shared mailbox/), 'sales@contoso.example');
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Continue to Microsoft' }));
    await waitFor(() => expect(window.location.assign).toHaveBeenCalledWith(new URL(AUTHORITY)));
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({ mailbox: 'sales@contoso.example', subscribe: 'inbox' });
  });
});

describe('one mailbox by its owner', () => {
  it('names permissions and who approves, and goes to Microsoft with the inbox to be subscribed', async () => {
    const asked = answerFlow('authorize');
    open('connect=mailbox');
    expect(await screen.findByText('Mail.Read')).toBeVisible();
    expect(screen.getByText('Who can approve:')).toBeVisible();
    await userEvent.type(screen.getByLabelText('Address of the mailbox'), 'anna@contoso.example');
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Continue to Microsoft' }));
    await waitFor(() => expect(window.location.assign).toHaveBeenCalledWith(new URL(AUTHORITY)));
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({ login_hint: 'anna@contoso.example', subscribe: 'inbox' });
  });

  it('leaves the subscription out when it is not wanted', async () => {
    const asked = answerFlow('authorize');
    open('connect=mailbox');
    await userEvent.click(await screen.findByRole('checkbox', { name: /Subscribe the inbox/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Continue to Microsoft' }));
    await waitFor(() => expect(window.location.assign).toHaveBeenCalled());
    expect(asked[0]?.has('subscribe')).toBe(false);
  });

  it('stays, and says why, when the flow cannot begin', async () => {
    server.use(http.get('*/bff/auth/oauth/ms365/authorize', () => problem(503, 'database_unavailable', 'the database does not answer')));
    open('connect=mailbox');
    await userEvent.click(await screen.findByRole('button', { name: 'Continue to Microsoft' }));
    expect(await screen.findByText(/The database does not answer/)).toBeVisible();
    expect(window.location.assign).not.toHaveBeenCalled();
    expect(screen.getByRole('button', { name: 'Continue to Microsoft' })).toBeEnabled();
  });

  it('uses the registration of the address', async () => {
    const other = registration({ id: '00000000-0000-4000-8000-000000000002', display_name: 'GCC', cloud: 'usgov', is_default: false });
    server.use(http.get('*/bff/auth/apps', () => HttpResponse.json({ items: [registration(), other], next: null })));
    const asked = answerFlow('authorize');
    open(`connect=mailbox&registration=${other.id}`);
    expect(await screen.findByText('GCC (cloud usgov)')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Continue to Microsoft' }));
    await waitFor(() => expect(asked[0]?.get('registration_id')).toBe(other.id));
  });
});

describe('links', () => {
  it('makes one, shows its address once, lists and revokes', async () => {
    const links = [link()];
    const made: unknown[] = [];
    server.use(
      http.get('*/bff/auth/connect-links', () => HttpResponse.json({ items: links, next: null })),
      http.post('*/bff/auth/connect-links', async ({ request }) => {
        made.push(await request.json());
        return HttpResponse.json({ ...link(), url: 'http://localhost:8080/auth/oauth/ms365/link#token=abc' }, { status: 201 });
      }),
      http.delete('*/bff/auth/connect-links/:id', () => {
        links.length = 0;
        return new HttpResponse(null, { status: 204 });
      }),
    );
    open('connect=link');
    expect(await screen.findByText('owner@contoso.example')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Create link' }));
    expect(await screen.findByLabelText('Address of the link')).toHaveValue('http://localhost:8080/auth/oauth/ms365/link#token=abc');
    expect(made).toEqual([
      { purpose: 'mailbox', login_hint: '', mailbox: '', registration_id: null, tenant_id: null, expires_in_hours: 72, subscribe: 'inbox' },
    ]);
    await userEvent.click(screen.getByRole('radio', { name: /shared mailbox/ }));
    await userEvent.type(screen.getByLabelText(/Address of the shared mailbox/), 'team@contoso.example');
    await userEvent.click(screen.getByRole('button', { name: 'Create link' }));
    await waitFor(() => expect(made[1]).toMatchObject({ purpose: 'mailbox', login_hint: '', mailbox: 'team@contoso.example' }));
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Revoke' }));
    const question = await screen.findByRole('dialog', { name: 'Revoke the link for owner@contoso.example?' });
    await expectNoAxe(question);
    await userEvent.click(within(question).getByRole('button', { name: 'Revoke the link' }));
    expect(await screen.findByText('No links yet.')).toBeInTheDocument();
  });

  it('tells nothing of a subscription for an admin consent', async () => {
    const made: unknown[] = [];
    server.use(
      http.get('*/bff/auth/connect-links', () => HttpResponse.json({ items: [], next: null })),
      http.post('*/bff/auth/connect-links', async ({ request }) => {
        made.push(await request.json());
        return HttpResponse.json({ ...link({ purpose: 'admin_consent' }), url: 'http://localhost/x#token=y' }, { status: 201 });
      }),
    );
    open('connect=link');
    await userEvent.click(await screen.findByRole('radio', { name: /An administrator approves/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Create link' }));
    await waitFor(() => expect(made).toEqual([expect.objectContaining({ purpose: 'admin_consent', subscribe: null })]));
  });
});

describe('admin consent', () => {
  it('says who may approve, refuses what is no directory ID, and goes to Microsoft', async () => {
    const asked = answerFlow('adminconsent');
    open('connect=consent');
    expect(await screen.findAllByText(/Global Administrator or Privileged Role Administrator/)).not.toHaveLength(0);
    await fill('Directory (tenant) ID', 'contoso');
    expect(screen.getByRole('button', { name: 'Approve as administrator' })).toBeDisabled();
    await expectNoAxe();
    await fill('Directory (tenant) ID', organization().external_tenant_id);
    await userEvent.click(screen.getByRole('button', { name: 'Approve as administrator' }));
    await waitFor(() => expect(window.location.assign).toHaveBeenCalledWith(new URL(AUTHORITY)));
    expect(asked[0]?.get('organization')).toBe(organization().external_tenant_id);
  });
});

describe('mailboxes of an organisation', () => {
  it('lists organisations with what is missing, and checks one again', async () => {
    let status: 'pending' | 'granted' = 'pending';
    const shown = () => organization({ status, missing: status === 'pending' ? ['User.Read.All'] : [] });
    server.use(
      http.get('*/bff/auth/organizations', () => HttpResponse.json({ items: [shown()], next: null })),
      http.post('*/bff/auth/organizations/:id/check', () => {
        status = 'granted';
        return HttpResponse.json(shown());
      }),
    );
    open('connect=organization');
    expect(await screen.findByText('Not confirmed yet')).toBeVisible();
    expect(screen.getByText(/Not approved:/)).toHaveTextContent('User.Read.All');
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Check Contoso Ltd again' }));
    expect(await screen.findByRole('button', { name: 'Choose mailboxes of Contoso Ltd' })).toBeVisible();
  });

  it('searches at the service, pages, connects the chosen and tells each for itself', async () => {
    const asked: string[] = [];
    const connected: unknown[] = [];
    server.use(
      http.get('*/bff/auth/organizations/:id', () => HttpResponse.json(organization())),
      http.get('*/bff/auth/organizations/:id/mailboxes', ({ request }) => {
        const query = new URL(request.url).searchParams;
        asked.push(query.toString());
        const name = query.get('search') || query.get('after') || 'anna';
        return HttpResponse.json({
          items: [{ object_id: name, address: `${name}@contoso.example`, display_name: name }],
          next: query.has('after') || query.has('search') ? null : 'bea',
        });
      }),
      http.post('*/bff/auth/organizations/:id/tenants', async ({ request }) => {
        connected.push(await request.json());
        return HttpResponse.json({
          items: [
            { mailbox: 'bea@contoso.example', status: 'connected', tenant_id: ORGANIZATION_ID },
            { mailbox: 'shared@contoso.example', status: 'failed', code: 'x', words: words(), command: 'Test-It', graph_request_id: 'r-1' },
          ],
        });
      }),
    );
    open(`connect=organization&org=${ORGANIZATION_ID}`);
    expect(await screen.findByRole('checkbox', { name: /anna@contoso.example/ })).not.toBeChecked();
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }));
    await userEvent.click(await screen.findByRole('checkbox', { name: /bea@contoso.example/ }));
    await userEvent.type(screen.getByLabelText('Addresses, or object IDs'), 'shared@contoso.example; BEA@contoso.example');
    await userEvent.click(screen.getByRole('button', { name: 'Add' }));
    await expectNoAxe();
    await userEvent.type(screen.getByLabelText(/Search by the start/), 'carl');
    expect(await screen.findByRole('checkbox', { name: /carl@contoso.example/ })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Connect 2 mailboxes' }));
    expect(await screen.findByRole('dialog', { name: '1 of 2 connected' })).toBeVisible();
    expect(connected).toEqual([{ mailboxes: ['bea@contoso.example', 'shared@contoso.example'], subscribe: 'inbox' }]);
    expect(screen.getByText('Test-It')).toBeVisible();
    expect(asked).toEqual(['', 'after=bea', 'search=carl']);
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Try the failed ones again' }));
    expect(await screen.findByRole('button', { name: 'Connect 1 mailbox' })).toBeEnabled();
  });

  it('lets addresses be typed where Microsoft does not list people', async () => {
    server.use(
      http.get('*/bff/auth/organizations/:id', () => HttpResponse.json(organization())),
      http.get('*/bff/auth/organizations/:id/mailboxes', () => problem(409, 'directory_access_denied', 'the app may not read the directory')),
    );
    open(`connect=organization&org=${ORGANIZATION_ID}`);
    expect(await screen.findByText(/Addresses can be typed below/)).toBeVisible();
    await userEvent.type(screen.getByLabelText('Addresses, or object IDs'), 'a@b.example');
    await userEvent.click(screen.getByRole('button', { name: 'Add' }));
    expect(screen.getByRole('button', { name: 'Connect 1 mailbox' })).toBeEnabled();
  });
});

describe('another registration', () => {
  it('shows redirect URIs and the credential, and goes on with it', async () => {
    const expired = registration({ warning: 'expired', expires_in_days: -3 });
    server.use(http.get('*/bff/auth/apps', () => HttpResponse.json({ items: [expired], next: null })));
    const { router } = open('connect=registration');
    expect(await screen.findByText(/Expired: Microsoft refuses every sign-in/)).toBeVisible();
    expect(screen.getByText('http://localhost:8080/auth/oauth/ms365/callback')).toBeVisible();
    expect(screen.getByRole('link', { name: /in Settings/ })).toHaveAttribute('href', '/settings/registrations');
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Connect a mailbox' }));
    await waitFor(() => expect(router.state.location.search).toBe(`?connect=mailbox&registration=${expired.id}`));
  });
});

describe('the sandbox', () => {
  it('connects a mailbox by the ordinary flow, and opens one that is connected', async () => {
    server.use(
      http.get('*/bff/api/sandbox', () =>
        HttpResponse.json({
          mailboxes: [
            { address: 'sales@contoso.example', display_name: 'Sales', tenant_id: null },
            { address: 'support@fabrikam.example', display_name: 'Support', tenant_id: ORGANIZATION_ID },
          ],
          breakages: [],
          kinds: [],
          smtp: null,
        }),
      ),
    );
    const asked = answerFlow('authorize');
    open('connect=sandbox', { sandbox: true });
    await userEvent.click(await screen.findByRole('button', { name: 'Connect sales@contoso.example' }));
    await waitFor(() => expect(window.location.assign).toHaveBeenCalledWith(new URL(AUTHORITY)));
    expect(asked[0]?.get('login_hint')).toBe('sales@contoso.example');
    expect(screen.getByRole('link', { name: 'Open support@fabrikam.example' })).toHaveAttribute('href', `/admin/tenants/${ORGANIZATION_ID}`);
    await expectNoAxe();
  });
});

describe('while the operator lets no account be connected', () => {
  it('says so in the place of every way', async () => {
    open('connect=mailbox', { connecting: false });
    const dialog = await screen.findByRole('dialog', { name: 'Connect an account' });
    expect(within(dialog).getByRole('alert')).toHaveTextContent(/operator has switched it off/);
    expect(within(dialog).queryByRole('button', { name: /mailbox/i })).not.toBeInTheDocument();
  });
});
