import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { event } from '../events/testing/fixtures';
import { routes } from './routes';
import { answerDeadLetters } from './testing/answers';
import { group, letter, letterId } from './testing/fixtures';
import { vanished } from './vanished';
// Loaded before the tests begin: their patience is for what the page does.
import './DeadLettersPage';

const LETTERS = [letter(3), letter(2), letter(1)];

describe('dead letters', () => {
  it('are shown by cause with what to do, and one by one', async () => {
    answerDeadLetters({ letters: LETTERS, groups: [group()] });
    renderRoutes(routes, '/dead-letters');
    const causes = await screen.findByRole('list', { name: 'Causes' });
    expect(causes).toHaveTextContent('Microsoft refused the request.');
    expect(causes).toHaveTextContent('Look at the message.');
    const grid = await screen.findByRole('grid', { name: 'Dead letters' });
    expect(await within(grid).findAllByRole('link', { name: 'Message created' })).toHaveLength(3);
    expect(screen.getByRole('tab', { name: 'Open (3)' })).toBeVisible();
    await expectNoAxe();
  });

  it('are none in words', async () => {
    answerDeadLetters({});
    renderRoutes(routes, '/dead-letters');
    expect(await screen.findByText(/No dead letters\. Failed items land here/)).toBeVisible();
    await expectNoAxe();
  });

  it('that cannot be loaded say so', async () => {
    answerDeadLetters({ groups: [group()] });
    server.use(http.get('*/bff/api/dead-letters', () => problem(503, 'unavailable', 'Away.')));
    renderRoutes(routes, '/dead-letters');
    expect(await screen.findByText('The list could not be loaded; replay is disabled until it is.')).toBeVisible();
  });

  it('are for operators', async () => {
    renderRoutes(routes, '/dead-letters', { role: 'viewer' });
    expect(await screen.findByText('Needs Operator')).toBeVisible();
  });

  it('open beside the list with their way', async () => {
    answerDeadLetters({ letters: LETTERS, groups: [group()] });
    server.use(
      http.get('*/bff/api/dead-letters/:id', () => HttpResponse.json(letter(2, { last_error: '<img src=x onerror=alert(1)>' }))),
      http.get('*/bff/api/events/:id/trace', () => problem(404, 'not_found', 'There is no trace.')),
    );
    renderRoutes(routes, `/dead-letters?item=${letterId(2)}`);
    const drawer = await screen.findByRole('dialog', { name: 'Message created' });
    expect(drawer).toHaveTextContent('<img src=x onerror=alert(1)>');
    expect(document.querySelector('[onerror]')).toBeNull();
    await expectNoAxe(drawer);
  });

  it('that are none any more while they are looked at say so', async () => {
    answerDeadLetters({});
    server.use(
      http.get('*/bff/api/dead-letters/:id', () => problem(404, 'not_found', 'Gone.')),
      http.get('*/bff/api/events/:id/trace', () => problem(404, 'not_found', 'There is no trace.')),
    );
    renderRoutes(routes, `/dead-letters?item=${letterId(2)}`);
    expect(await screen.findByRole('link', { name: 'Open the event' })).toHaveAttribute('href', `/events?event=${letterId(2)}`);
  });

  it('are tried one at first: the newest of the cause', async () => {
    answerDeadLetters({ letters: LETTERS, groups: [group()] });
    const tried: unknown[] = [];
    server.use(
      http.post('*/bff/api/dead-letters/:id/replay', ({ params }) => {
        tried.push(params['id']);
        return HttpResponse.json({ id: letterId(3), state: 'waiting', outcome: null, replays: 1 });
      }),
      http.get('*/bff/api/events/:id', () => HttpResponse.json(event(3, { state: 'dead', last_error: 'Still poisoned' }))),
    );
    renderRoutes(routes, '/dead-letters');
    await userEvent.click(await screen.findByRole('button', { name: 'Test one' }));
    expect(await screen.findByText(/It failed again: Still poisoned\. The cause is still there\./)).toBeVisible();
    expect(tried).toEqual([letterId(3)]);
  });
});

describe('rows that are dead letters no more', () => {
  it('are judged only as far down as the newest page speaks', () => {
    const rows = [letter(5), letter(4), letter(1)];
    expect([...vanished(rows, { items: [letter(5), letter(3)], next: 'more' })]).toEqual([letterId(4)]);
    expect([...vanished(rows, { items: [letter(5)], next: null })]).toEqual([letterId(4), letterId(1)]);
    expect([...vanished(rows, undefined)]).toEqual([]);
  });
});
