import { act, screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { HOSTILE } from '../messages/testing/hostile';
import { routes } from './routes';
import type { RemovalOrder } from './types';
// Loaded before the tests begin: their patience is for what the page does.
import './AccountsLayout';
import './AccountsPage';

const LATER_MS = 2100;
const TENANT_ID = '00000000-0000-4000-8000-0000000000aa';

function removal(more: Partial<RemovalOrder> = {}): RemovalOrder {
  return {
    id: '00000000-0000-4000-8000-000000000001',
    tenant_id: TENANT_ID,
    label: 'anna@contoso.com',
    ordered_by: 'ada@example.com',
    ordered_at: '2026-11-22T18:00:00Z',
    total: 1_000_000,
    deleted: 12_300,
    finished_at: null,
    last_error: null,
    ...more,
  };
}

const FINISHED = { deleted: 1_000_000, finished_at: '2026-11-22T19:00:00Z' };

/** Opens the list; what is answered can be changed, and how often it was asked is told. */
function open(...items: RemovalOrder[]) {
  const answer = { items, asked: 0 };
  server.use(
    http.get('*/bff/api/accounts', () =>
      HttpResponse.json({ items: [], next: null, total: 0, attention_total: 0, stale_since: null }),
    ),
    http.get('*/bff/api/removals', () => {
      answer.asked += 1;
      return HttpResponse.json({ items: answer.items });
    }),
  );
  renderRoutes(routes, '/admin/tenants', { role: 'viewer' });
  return answer;
}

const later = () => act(() => vi.advanceTimersByTimeAsync(LATER_MS));
const line = () => screen.findByRole('group', { name: /^Deleting the stored mail of/ });

describe('mail that is being deleted', () => {
  // The clock goes on by itself, for the page and its calls, and is moved over the time between two looks.
  beforeEach(() => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('shows how far it is, and tells when it is done', async () => {
    const answer = open(removal());
    expect(await line()).toHaveTextContent(/^Deleting the stored mail of anna@contoso\.com: 12,300 of 1,000,000$/);
    expect(screen.getByRole('progressbar', { name: 'Deleted mail of anna@contoso.com' })).toHaveAttribute('aria-valuenow', '1');
    await expectNoAxe(await line());
    answer.items = [removal({ deleted: 500_000 })];
    await later();
    await waitFor(async () => expect(await line()).toHaveTextContent('500,000 of 1,000,000'));
    expect(screen.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '50');
    answer.items = [removal(FINISHED)];
    await later();
    expect(await screen.findByText('The stored mail of anna@contoso.com is deleted.')).toBeVisible();
    expect(screen.queryByRole('progressbar')).not.toBeInTheDocument();
    const { asked } = answer;
    await later();
    expect(answer.asked).toBe(asked);
  });

  it('has a line for each, without a number while they are counted', async () => {
    open(removal({ total: null, deleted: 0 }), removal({ id: 'b', label: '', total: 3, deleted: 1, last_error: 'TimeoutError' }));
    const [counted, failed] = await screen.findAllByRole('group', { name: /^Deleting/ });
    expect(counted).toHaveTextContent(/: it is being counted$/);
    expect(failed).toHaveTextContent(`Deleting the stored mail of ${TENANT_ID}: 1 of 3. The last try failed; it is tried again`);
    const [unknown, known] = screen.getAllByRole('progressbar');
    expect(unknown).not.toHaveAttribute('aria-valuenow');
    expect(known).toHaveAttribute('aria-valuenow', '33');
  });

  it('says nothing of what was done before, and does not ask again', async () => {
    const answer = open(removal(FINISHED));
    await waitFor(() => expect(answer.asked).toBe(1));
    await later();
    expect(answer.asked).toBe(1);
    expect(screen.queryByText(/stored mail/)).not.toBeInTheDocument();
  });

  it('keeps its line when a later question fails, and asks again', async () => {
    const answer = open(removal());
    await line();
    server.use(http.get('*/bff/api/removals', () => problem(503, 'unavailable', 'Away.'), { once: true }));
    await later();
    expect(await line()).toHaveTextContent('12,300 of 1,000,000');
    answer.items = [removal({ deleted: 20_000 })];
    await later();
    await waitFor(async () => expect(await line()).toHaveTextContent('20,000'));
  });

  it('runs nothing of what accounts are called', async () => {
    open(...HOSTILE.slice(0, 25).map((label, index) => removal({ id: String(index), label })));
    await screen.findAllByRole('group', { name: /^Deleting/ });
    expect(document.querySelectorAll('script, iframe, object, embed, base, [onerror], [onload], [onfocus]')).toHaveLength(0);
    expect(Reflect.get(window, '__hacked')).toBeUndefined();
  });
});
