import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { routes } from './routes';
import { answerAccounts, answerMessages } from './testing/answers';
import { idOf, summary } from './testing/fixtures';
// Loaded before the tests begin: their patience is for what the page does.
import './MessagesPage';

async function lines() {
  const list = await screen.findByRole('list', { name: 'Messages' });
  return within(list).getAllByRole('link');
}

describe('the list of messages', () => {
  it('shows who wrote what, and of which account', async () => {
    answerMessages([summary(2, { has_attachments: true }), summary(1, { deleted_at: '2026-11-22T19:00:00Z' })]);
    renderRoutes(routes, '/messages');
    const [second, first] = await lines();
    expect(second).toHaveTextContent('Sender 2');
    expect(second).toHaveTextContent('Subject 2');
    expect(first).toHaveTextContent('Deleted in the mailbox');
    await waitFor(() => expect(second).toHaveTextContent('sales@contoso.example'));
    await expectNoAxe();
  });

  it('says which messages are about a meeting', async () => {
    answerMessages([summary(2, { kind: 'eventMessageRequest' }), summary(1)]);
    renderRoutes(routes, '/messages');
    const [invitation, plain] = await lines();
    expect(invitation).toHaveTextContent('Invitation');
    expect(plain).not.toHaveTextContent('Invitation');
  });

  it('asks the service for what the URL says', async () => {
    const { asked } = answerMessages([summary(1)]);
    renderRoutes(routes, '/messages?q=invoice&attachments=yes&deleted=no&period=24h');
    await lines();
    expect(asked[0]?.get('q')).toBe('invoice');
    expect(asked[0]?.get('has_attachments')).toBe('true');
    expect(asked[0]?.get('deleted')).toBe('false');
    expect(Date.parse(asked[0]?.get('since') ?? '')).toBeGreaterThan(Date.now() - 25 * 3_600_000);
  });

  it('keeps rows in place and counts new ones until they are asked for', async () => {
    const answer = answerMessages([summary(1)]);
    const { client } = renderRoutes(routes, '/messages');
    await lines();
    answer.items = [summary(3), summary(2), summary(1, { subject: 'Changed' })];
    await client.invalidateQueries({ queryKey: ['api', 'message-summaries'] });
    const bar = await screen.findByRole('button', { name: '2 new - show' });
    expect((await lines()).map((line) => line.textContent)).toEqual([expect.stringContaining('Changed')]);
    await userEvent.click(bar);
    expect(await lines()).toHaveLength(3);
  });

  it('loads older messages when asked', async () => {
    answerMessages([summary(1)], 'older');
    renderRoutes(routes, '/messages');
    await userEvent.click(await screen.findByRole('button', { name: 'Show older messages' }));
    expect(await screen.findByText('Subject 0')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Show older messages' })).not.toBeInTheDocument();
  });

  it('goes through the list with j and k', async () => {
    answerMessages([summary(2), summary(1)]);
    const { router } = renderRoutes(routes, '/messages?q=x');
    await lines();
    await userEvent.keyboard('j');
    expect(router.state.location.pathname).toBe(`/messages/${idOf(2)}`);
    await userEvent.keyboard('j');
    expect(router.state.location.pathname).toBe(`/messages/${idOf(1)}`);
    await userEvent.keyboard('k');
    expect(router.state.location.pathname + router.state.location.search).toBe(`/messages/${idOf(2)}?q=x`);
  });
});

describe('a list without messages', () => {
  it('names an address to write to, and fills by itself', async () => {
    const answer = answerMessages([]);
    const { client } = renderRoutes(routes, '/messages');
    expect(await screen.findByText(/Waiting for the first one/)).toBeInTheDocument();
    expect(await screen.findByText('sales@contoso.example')).toBeInTheDocument();
    await expectNoAxe();
    answer.items = [summary(1)];
    await client.invalidateQueries({ queryKey: ['api', 'message-summaries'] });
    expect(await lines()).toHaveLength(1);
  });

  it('leads to the connect dialog when nothing is connected', async () => {
    answerMessages([]);
    answerAccounts('');
    renderRoutes(routes, '/messages');
    expect(await screen.findByRole('link', { name: 'Connect an account' })).toHaveAttribute('href', '/admin/tenants?connect=1');
  });

  it('offers to clear the filters', async () => {
    answerMessages([]);
    const { router } = renderRoutes(routes, '/messages?q=nothing&account=00000000-0000-4000-8000-0000000000aa');
    await userEvent.click(await screen.findByRole('button', { name: 'Search all accounts' }));
    expect(router.state.location.search).toBe('?q=nothing');
    const [clear] = await screen.findAllByRole('button', { name: 'Clear filters' });
    if (clear) await userEvent.click(clear);
    expect(router.state.location.search).toBe('');
  });

  it('says why it could not be loaded, and tries again', async () => {
    answerAccounts();
    server.use(http.get('*/bff/api/message-summaries', () => problem(503, 'unavailable', 'The database does not answer.'), { once: true }));
    renderRoutes(routes, '/messages');
    expect(await screen.findByText('Messages could not be loaded.')).toBeInTheDocument();
    expect(screen.getByText('The database does not answer.')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Copy correlation id' })).toBeInTheDocument();
    await expectNoAxe();
    server.use(
      http.get('*/bff/api/message-summaries', () => HttpResponse.json({ items: [summary(1)], next: null, total_estimate: 1 })),
    );
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(await lines()).toHaveLength(1);
  });

  it('keeps the rows when a later question fails', async () => {
    answerMessages([summary(1)]);
    const { client } = renderRoutes(routes, '/messages');
    await lines();
    server.use(http.get('*/bff/api/message-summaries', () => problem(503, 'unavailable', 'Away.')));
    await client.invalidateQueries({ queryKey: ['api', 'message-summaries'] });
    expect(await screen.findByText(/Last updated/)).toBeInTheDocument();
    expect(await lines()).toHaveLength(1);
  });
});
