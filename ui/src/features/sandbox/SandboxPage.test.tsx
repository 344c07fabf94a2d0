import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { fill } from '../../test/fill';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { event } from '../events/testing/fixtures';
import { trace } from '../messages/testing/fixtures';
import { overview } from '../overview/testing/fixtures';
import { routes } from './routes';
import type { Breakage, BreakageKind, SandboxState } from './types';
// Loaded before the tests begin: their patience is for what the page does.
import './SandboxPage';

const ACCOUNT_ID = '00000000-0000-4000-8000-0000000000aa';
const POISON: BreakageKind = {
  kind: 'poison_message',
  title: 'Poison the next message',
  what_will_happen: 'Fetching it fails: it becomes a dead letter.',
  undo_label: 'Take the poison away',
  needs_account: true,
};
const DOWN: BreakageKind = { kind: 'graph_down', title: 'Microsoft is down', what_will_happen: 'Every call answers 503.', undo_label: 'Bring it back', needs_account: false };
const BROKEN: Breakage = { ...POISON, id: 'b1', account_id: ACCOUNT_ID, since: '2026-11-22T18:05:59Z' };

beforeEach(() => {
  server.use(http.get('*/bff/api/overview', () => HttpResponse.json(overview())));
});

function state(more: Partial<SandboxState> = {}): SandboxState {
  return {
    mailboxes: [
      { address: 'sales@contoso.example', display_name: 'Sales', tenant_id: ACCOUNT_ID },
      { address: 'support@fabrikam.example', display_name: 'Support', tenant_id: null },
    ],
    breakages: [],
    kinds: [POISON, DOWN],
    smtp: { host: 'localhost', port: 2525 },
    ...more,
  };
}

function open(first: SandboxState, role: 'viewer' | 'operator' = 'operator') {
  const shown = { state: first };
  server.use(http.get('*/bff/api/sandbox', () => HttpResponse.json(shown.state)));
  renderRoutes(routes, '/sandbox', { role, session: { sandbox: true } });
  return shown;
}

describe('the sandbox', () => {
  it('tells what will happen, breaks it, and offers the way back', async () => {
    const shown = open(state());
    const sent: unknown[] = [];
    server.use(
      http.post('*/bff/api/sandbox/breakages', async ({ request }) => {
        sent.push(await request.json());
        shown.state = state({ breakages: [BROKEN] });
        return HttpResponse.json(BROKEN, { status: 201 });
      }),
      http.delete('*/bff/api/sandbox/breakages/b1', () => {
        shown.state = state();
        return HttpResponse.json({ detail: 'The next message arrives whole.', link: null });
      }),
    );
    const part = await screen.findByRole('region', { name: 'Break something' });
    expect(within(part).getByText('Fetching it fails: it becomes a dead letter.')).toBeVisible();
    await expectNoAxe();
    await userEvent.click(within(part).getByRole('button', { name: /Poison the next message$/ }));
    const undo = await within(part).findByRole('button', { name: 'Take the poison away' });
    expect(sent).toEqual([{ kind: 'poison_message', account_id: ACCOUNT_ID }]);
    expect(within(part).getByText('Poison the next message: sales@contoso.example')).toBeVisible();
    expect(within(part).getByRole('button', { name: /Poison the next message$/ })).toBeDisabled();
    await expectNoAxe();
    await userEvent.click(undo);
    await waitFor(() => expect(undo).not.toBeInTheDocument());
    expect(within(part).getByRole('button', { name: /Poison the next message$/ })).toBeEnabled();
  });

  it('breaks what needs no account without one, and nothing else', async () => {
    open(state({ mailboxes: [{ address: 'a@b.example', display_name: 'A', tenant_id: null }] }));
    const sent: unknown[] = [];
    server.use(
      http.post('*/bff/api/sandbox/breakages', async ({ request }) => {
        sent.push(await request.json());
        return problem(503, 'sandbox_unavailable', 'the sandbox does not answer');
      }),
    );
    expect(await screen.findByRole('button', { name: /Poison the next message$/ })).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: /Microsoft is down$/ }));
    expect(await screen.findByText('The sandbox does not answer.')).toBeVisible();
    expect(sent).toEqual([{ kind: 'graph_down', account_id: null }]);
  });

  it('is only looked at by viewers', async () => {
    open(state({ breakages: [BROKEN] }), 'viewer');
    expect(await screen.findByRole('button', { name: 'Take the poison away' })).toBeDisabled();
    expect(screen.getByRole('button', { name: /Microsoft is down$/ })).toBeDisabled();
    expect(screen.getByRole('button', { name: 'Send message' })).toBeDisabled();
  });

  it('sends a message to the connected mailbox, and follows it', async () => {
    open(state());
    const sent: unknown[] = [];
    server.use(
      http.post('*/bff/api/sandbox/messages', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ id: 'AAMk1', internet_message_id: '<1@example.org>' }, { status: 201 });
      }),
      http.get('*/bff/api/events', () => HttpResponse.json({ items: [event(1)], next: null })),
      http.get('*/bff/api/events/:id/trace', () => HttpResponse.json(trace())),
    );
    await fill('Subject', 'Hello');
    await userEvent.click(screen.getByRole('button', { name: 'Send message' }));
    expect(await screen.findByRole('list', { name: 'Steps' })).toHaveTextContent('Notified');
    expect(await screen.findByRole('link', { name: 'Open the message' })).toHaveAttribute('href', `/messages/${trace().message_id}`);
    expect(sent).toEqual([{ address: 'sales@contoso.example', subject: 'Hello', text: null, attachment: false }]);
  });

  it('names the way in by a mail program, and the first steps', async () => {
    open(state());
    expect(await screen.findByText('localhost:2525')).toBeVisible();
    expect(await screen.findByRole('link', { name: 'Receive a message' })).toHaveAttribute('href', '/messages');
  });

  it('is not there where Microsoft itself is', async () => {
    server.use(http.get('*/bff/api/sandbox', () => problem(404, 'no_sandbox', 'No sandbox.')));
    renderRoutes(routes, '/sandbox');
    expect(await screen.findByText('There is no sandbox here.')).toBeVisible();
  });
});
