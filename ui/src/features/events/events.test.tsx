import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { answerAccounts } from '../messages/testing/answers';
import { deadTrace } from '../messages/testing/fixtures';
import { routes } from './routes';
import { ACCOUNT_ID, event, eventId } from './testing/fixtures';
import type { EventDetail } from './types';
// Loaded before the tests begin: their patience is for what the page does.
import './EventsPage';

function answerEvents(items: EventDetail[], next: string | null = null) {
  const list = { items, asked: [] as URLSearchParams[] };
  answerAccounts();
  server.use(
    http.get('*/bff/api/events', ({ request }) => {
      const query = new URL(request.url).searchParams;
      list.asked.push(query);
      return HttpResponse.json(query.get('after') ? { items: [event(0)], next: null } : { items: list.items, next });
    }),
    http.get('*/bff/api/events/:id', ({ params }) => HttpResponse.json(list.items.find((one) => one.id === params['id']))),
    http.get('*/bff/api/events/:id/trace', () => HttpResponse.json(deadTrace())),
  );
  return list;
}

const table = () => screen.findByRole('table', { name: 'Events' });

describe('the log of events', () => {
  it('says what became of each', async () => {
    answerEvents([
      event(5, { state: 'dead', outcome: null, attempts: 8 }),
      event(4, { state: 'waiting', outcome: null, attempts: 3 }),
      event(3, { kind: 'lifecycle', change_type: 'missed', outcome: 'missed_recorded' }),
      event(2, { account_email: null, outcome: 'something_new' }),
      event(1),
    ]);
    renderRoutes(routes, '/events');
    const rows = within(await table()).getAllByRole('row').slice(1);
    expect(rows[0]).toHaveTextContent('Dead letter');
    expect(rows[1]).toHaveTextContent('Retrying');
    expect(rows[2]).toHaveTextContent('Notifications missed');
    expect(rows[3]).toHaveTextContent('not connected any more');
    expect(rows[3]).toHaveTextContent('something_new');
    expect(rows[4]).toHaveTextContent('Stored');
    await expectNoAxe();
  });

  it('asks for what the URL says, and takes nonsense for nothing', async () => {
    const { asked } = answerEvents([event(1)]);
    renderRoutes(routes, `/events?account=${ACCOUNT_ID}&kind=nonsense&state=dead&outcome=stored&q=%20abc%20`);
    await table();
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({ tenant_id: ACCOUNT_ID, state: 'dead', outcome: 'stored', q: 'abc', limit: '50' });
  });

  it('finds those that are stuck, and those that were gone before they were fetched', async () => {
    const { asked } = answerEvents([event(1)]);
    renderRoutes(routes, '/events?state=stuck&outcome=gone');
    await table();
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({ stuck: 'true', reason: 'gone', limit: '50' });
  });

  it('follows by itself, until it is paused', async () => {
    const list = answerEvents([event(1)]);
    const { client } = renderRoutes(routes, '/events');
    await table();
    list.items = [event(2), event(1)];
    await client.invalidateQueries({ queryKey: ['api', 'events'] });
    await waitFor(async () => expect(within(await table()).getAllByRole('row')).toHaveLength(3));
    await userEvent.click(screen.getByRole('button', { name: 'Pause' }));
    expect(screen.getByText(/Tail paused at/)).toBeVisible();
    const before = list.asked.length;
    list.items = [event(3), ...list.items];
    await client.invalidateQueries({ queryKey: ['api', 'events'] });
    expect(list.asked).toHaveLength(before);
    await userEvent.click(screen.getByRole('button', { name: 'Resume' }));
    await waitFor(async () => expect(within(await table()).getAllByRole('row')).toHaveLength(4));
  });

  it('loads older ones when asked', async () => {
    answerEvents([event(1)], 'older');
    renderRoutes(routes, '/events');
    await userEvent.click(await screen.findByRole('button', { name: 'Show older events' }));
    await waitFor(async () => expect(within(await table()).getAllByRole('row')).toHaveLength(3));
  });

  it('opens one beside the list, with its way and what Microsoft sent, and closes with Escape', async () => {
    const item = { changeType: '<script>window.__hacked=1</script>' };
    answerEvents([event(1, { state: 'dead', outcome: null, last_error: 'ErrorInvalidRequest', item })]);
    const { router } = renderRoutes(routes, '/events?state=dead');
    await userEvent.click(within(await table()).getByRole('link', { name: 'Message created' }));
    const drawer = await screen.findByRole('dialog', { name: 'Message created' });
    expect(router.state.location.search).toBe(`?state=dead&event=${eventId(1)}`);
    expect(await within(drawer).findByRole('list', { name: 'Attempts' })).toHaveTextContent('Microsoft answered 400');
    expect(within(drawer).getByRole('link', { name: 'Open the dead letter' })).toHaveAttribute('href', `/dead-letters?item=${eventId(1)}`);
    expect(drawer).toHaveTextContent('<script>window.__hacked=1</script>');
    expect(Reflect.get(window, '__hacked')).toBeUndefined();
    await expectNoAxe(drawer);
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(router.state.location.search).toBe('?state=dead'));
  });

  it('is empty, narrowed to nothing, or away, each in words', async () => {
    answerEvents([]);
    server.use(http.get('*/bff/api/events', () => problem(503, 'unavailable', 'Away.'), { once: true }));
    const { router } = renderRoutes(routes, '/events');
    expect(await screen.findByText('Events could not be loaded.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(await screen.findByText('No events yet.')).toBeVisible();
    await router.navigate('/events?period=1h');
    expect(await screen.findByText('No events in the last hour.')).toBeVisible();
    const [clear] = screen.getAllByRole('button', { name: 'Clear filters' });
    if (clear) await userEvent.click(clear);
    expect(router.state.location.search).toBe('');
  });
});
