import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { SUBSCRIPTION_STATES } from '../../lib/words';
import { expectNoAxe } from '../../test/axe';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { routes } from './routes';
import { subscription, subscriptionId } from './testing/fixtures';
import type { Subscription, TimelineItem } from './types';
import { resourceWord } from './words';
// Loaded before the tests begin: their patience is for what the page does.
import './SubscriptionPage';
import './SubscriptionsPage';

function answerList(items: Subscription[]) {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get('*/bff/api/ms365/subscriptions', ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ items, next: null, total: items.length });
    }),
  );
  return asked;
}

function answerOne(found: Subscription, timeline: TimelineItem[] = []) {
  server.use(
    http.get('*/bff/api/ms365/subscriptions/:id', () => HttpResponse.json(found)),
    http.get('*/bff/api/ms365/subscriptions/:id/timeline', () => HttpResponse.json({ items: timeline })),
  );
}

const table = () => screen.findByRole('grid', { name: 'Subscriptions' });

describe('the list of subscriptions', () => {
  it('names every state in words', async () => {
    const states = Object.keys(SUBSCRIPTION_STATES) as Subscription['state_word'][];
    answerList(states.map((state_word, index) => subscription(index + 1, { state_word })));
    renderRoutes(routes, '/subscriptions');
    const grid = await table();
    await within(grid).findByText('account1@contoso.example');
    for (const { word } of Object.values(SUBSCRIPTION_STATES)) expect(grid).toHaveTextContent(word);
    await expectNoAxe();
  });

  it('asks for what the URL says', async () => {
    const asked = answerList([]);
    renderRoutes(routes, '/subscriptions?q=sales&status=expired&within=72');
    expect(await screen.findByText('No subscription matches.')).toBeVisible();
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({ q: 'sales', status: 'expired', expiring_within_hours: '72', limit: '25' });
  });

  it('is empty in words, and fails in words', async () => {
    answerList([]);
    server.use(http.get('*/bff/api/ms365/subscriptions', () => problem(503, 'unavailable', 'Away.'), { once: true }));
    renderRoutes(routes, '/subscriptions');
    expect(await screen.findByText('Subscriptions could not be loaded.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(await screen.findByText('No subscriptions yet.')).toBeVisible();
  });

  it('renews several after a preview, and tells of each that failed', async () => {
    const sent: unknown[] = [];
    answerList([subscription(1), subscription(2, { state_word: 'expired' })]);
    server.use(
      http.post('*/bff/api/ms365/subscriptions/renew', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({
          items: [
            { id: subscriptionId(1), ok: true, outcome: 'recreated', expires_at: null, code: null, detail: null },
            { id: subscriptionId(2), ok: false, outcome: 'failed', expires_at: null, code: 'consent_missing', detail: 'Nobody approved it.' },
          ],
        });
      }),
    );
    renderRoutes(routes, '/subscriptions');
    expect(await screen.findByRole('button', { name: 'Renew now' })).toBeDisabled();
    await userEvent.click(await screen.findByRole('checkbox', { name: /all rows/i }));
    await userEvent.click(screen.getByRole('button', { name: 'Renew now (2)' }));
    const dialog = await screen.findByRole('dialog', { name: 'Renew 2 subscriptions?' });
    expect(dialog).toHaveTextContent('1 × Expired');
    await expectNoAxe(dialog);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Renew 2 subscriptions' }));
    expect(await screen.findByText('1 of 2 renewed, 1 of them made anew')).toBeVisible();
    expect(sent).toEqual([{ ids: [subscriptionId(1), subscriptionId(2)] }]);
    const [failed] = screen.getAllByRole('link', { name: 'account2@contoso.example' });
    expect(failed).toHaveAttribute('href', `/subscriptions/${subscriptionId(2)}`);
    expect(screen.getByText(/Nobody approved it\./)).toBeVisible();
  });
});

describe('one subscription', () => {
  it('shows why it does not work and what happened to it', async () => {
    const removed = { at: '2026-11-22T18:00:00Z', kind: 'subscriptionRemoved' as const, outcome: 'failed', detail: '', attempts: 3 };
    answerOne(subscription(1, { state_word: 'removed_by_microsoft', last_error: 'Gone <b>at</b> Microsoft.' }), [removed]);
    renderRoutes(routes, `/subscriptions/${subscriptionId(1)}`);
    expect(await screen.findByRole('heading', { name: 'Inbox of account1@contoso.example' })).toBeVisible();
    expect(screen.getByText(/Gone <b>at<\/b> Microsoft\..*Recreate it\./)).toBeVisible();
    expect(await screen.findByText('Microsoft removed it (subscriptionRemoved) (3 attempts)')).toBeVisible();
    await expectNoAxe();
  });

  it('is renewed at once, and says why it was not', async () => {
    answerOne(subscription(1));
    server.use(http.post('*/bff/api/ms365/subscriptions/:id/renew', () => problem(409, 'consent_missing', 'nobody approved it')));
    renderRoutes(routes, `/subscriptions/${subscriptionId(1)}`);
    await userEvent.click(await screen.findByRole('button', { name: 'Renew now' }));
    expect(await screen.findByText(/It was not renewed. Nobody approved it./)).toBeVisible();
    server.use(http.post('*/bff/api/ms365/subscriptions/:id/renew', () => HttpResponse.json(subscription(1))));
    await userEvent.click(screen.getByRole('button', { name: 'Renew now' }));
    expect(await screen.findByText(/Renewed. It ends /)).toBeVisible();
  });

  it('is made anew after a question that says what is missed', async () => {
    const asked: string[] = [];
    answerOne(subscription(1));
    server.use(
      http.post('*/bff/api/ms365/subscriptions/:id/recreate', ({ params }) => {
        asked.push(String(params['id']));
        return HttpResponse.json(subscription(1));
      }),
    );
    renderRoutes(routes, `/subscriptions/${subscriptionId(1)}`);
    await userEvent.click(await screen.findByRole('button', { name: 'Recreate' }));
    const dialog = await screen.findByRole('dialog', { name: 'Recreate the subscription of account1@contoso.example?' });
    expect(dialog).toHaveTextContent('Mail that arrives in between is not announced');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Recreate' }));
    expect(await screen.findByText(/made anew/)).toBeVisible();
    expect(asked).toEqual([subscriptionId(1)]);
  });

  it('is removed by administrators only', async () => {
    answerOne(subscription(1));
    answerList([]);
    server.use(http.delete('*/bff/api/ms365/subscriptions/:id', () => new HttpResponse(null, { status: 204 })));
    const { router } = renderRoutes(routes, `/subscriptions/${subscriptionId(1)}`, { role: 'operator' });
    expect(await screen.findByRole('button', { name: 'Remove' })).toBeDisabled();
    expect(screen.getByRole('button', { name: 'Recreate' })).toBeEnabled();
    expect(router.state.location.pathname).toBe(`/subscriptions/${subscriptionId(1)}`);
  });

  it('that was removed still has its timeline', async () => {
    answerOne(subscription(1), [{ at: '2026-11-22T18:00:00Z', kind: 'removed', outcome: 'ok', detail: 'By ada@example.com.', attempts: 1 }]);
    server.use(http.get('*/bff/api/ms365/subscriptions/:id', () => problem(404, 'not_found', 'There is no such subscription.')));
    renderRoutes(routes, `/subscriptions/${subscriptionId(1)}`);
    expect(await screen.findByText('There is no such subscription.')).toBeVisible();
    await waitFor(() => expect(screen.getByText('Removed here')).toBeVisible());
  });
});

describe('what is watched', () => {
  it.each([
    ["users/u/mailFolders('Inbox')/messages", 'Inbox'],
    ["me/mailFolders('AAMk=')/messages", 'Folder AAMk='],
    ['users/u/messages', 'All folders'],
    ['users/u/events', 'users/u/events'],
  ])('%s is %s', (resource, word) => expect(resourceWord(resource)).toBe(word));
});
