import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../../test/axe';
import { problem, renderRoutes } from '../../../test/render';
import { server } from '../../../test/server';
import { routes } from '../routes';
import { answerDeadLetters } from '../testing/answers';
import { REPLAY_ID, group, letter, preview, replay } from '../testing/fixtures';
// Loaded before the tests begin: their patience is for what the page does.
import '../DeadLettersPage';

const LETTERS = [letter(3), letter(2), letter(1)];

function answerStart() {
  const sent: Record<string, unknown>[] = [];
  server.use(
    http.post<never, Record<string, unknown>>('*/bff/api/replays', async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(replay(), { status: 202 });
    }),
    http.get('*/bff/api/replays/:id', () => HttpResponse.json(replay())),
    http.get('*/bff/api/replays/:id/items', () => HttpResponse.json({ items: [], next: null })),
  );
  return sent;
}

describe('a replay', () => {
  it('of a cause is previewed, and started once under a key of its own', async () => {
    const blocked = { count: 1, why: 'The account needs a sign-in.', account_ids: [] };
    const { asked } = answerDeadLetters({ letters: LETTERS, groups: [group()], preview: preview({ will_fail_again: blocked }) });
    const sent = answerStart();
    const { router } = renderRoutes(routes, '/dead-letters');
    // The first page of a file is drawn slowly on a busy machine.
    await userEvent.click(await screen.findByRole('button', { name: 'Replay all 3' }, { timeout: 40_000 }));
    const dialog = await screen.findByRole('dialog', { name: 'Replay dead letters?' });
    expect(await within(dialog).findByText(/1 will fail again: The account needs a sign-in\./)).toBeVisible();
    expect(asked).toEqual([{ filter: { reason: 'graph_400' } }]);
    await expectNoAxe(dialog);
    server.use(http.post('*/bff/api/replays', () => problem(503, 'unavailable', 'Away.'), { once: true }));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Replay 2 dead letters' }));
    expect(await within(dialog).findByText(/Away\./)).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Replay 2 dead letters' }));
    await waitFor(() => expect(router.state.location.pathname).toBe(`/dead-letters/replays/${REPLAY_ID}`));
    expect(sent).toEqual([{ filter: { reason: 'graph_400' }, key: expect.stringMatching(/^console-[0-9a-f]{32}$/), exclude_blocked: true, per_second: 20 }]);
    expect(await screen.findByText('Running: 2 of 4 have come to an end, 1 failed again.')).toBeVisible();
  });

  it('keeps its key over tries that failed, and has another one in another dialog', async () => {
    answerDeadLetters({ letters: LETTERS, groups: [group()] });
    const keys: unknown[] = [];
    server.use(
      http.post<never, Record<string, unknown>>('*/bff/api/replays', async ({ request }) => {
        keys.push((await request.json())['key']);
        return problem(503, 'unavailable', 'Away.');
      }),
    );
    renderRoutes(routes, '/dead-letters');
    for (const tries of [1, 2]) {
      await userEvent.click(await screen.findByRole('button', { name: 'Replay all 3' })); // oxlint-disable-line no-await-in-loop
      const dialog = await screen.findByRole('dialog', { name: 'Replay dead letters?' }); // oxlint-disable-line no-await-in-loop
      const start = await within(dialog).findByRole('button', { name: 'Replay 3 dead letters' }); // oxlint-disable-line no-await-in-loop
      await userEvent.click(start); // oxlint-disable-line no-await-in-loop
      await waitFor(() => expect(keys).toHaveLength(2 * tries - 1)); // oxlint-disable-line no-await-in-loop
      await waitFor(() => expect(start).toBeEnabled()); // oxlint-disable-line no-await-in-loop
      await userEvent.click(start); // oxlint-disable-line no-await-in-loop
      await waitFor(() => expect(keys).toHaveLength(2 * tries)); // oxlint-disable-line no-await-in-loop
      await waitFor(() => expect(start).toBeEnabled()); // oxlint-disable-line no-await-in-loop
      await userEvent.click(within(dialog).getByRole('button', { name: 'Cancel' })); // oxlint-disable-line no-await-in-loop
      await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument()); // oxlint-disable-line no-await-in-loop
    }
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).toBe(keys[3]);
    expect(keys[0]).not.toBe(keys[2]);
  });

  it('is not started when nothing would be replayed', async () => {
    answerDeadLetters({ letters: LETTERS, groups: [group()], preview: preview({ total: 0, by_cause: [], by_account: [] }) });
    renderRoutes(routes, '/dead-letters');
    await userEvent.click(await screen.findByRole('button', { name: 'Replay all 3' }));
    expect(await screen.findByText(/Nothing would be replayed\./)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Replay 0 dead letters' })).toBeDisabled();
  });

  it('shows how far it is, and can be paused and stopped', async () => {
    answerDeadLetters({ replays: [replay()] });
    answerStart();
    const steered: string[] = [];
    let state = replay();
    server.use(
      http.get('*/bff/api/replays/:id', () => HttpResponse.json(state)),
      http.post('*/bff/api/replays/:id/:to', ({ params }) => {
        steered.push(String(params['to']));
        state = replay({ state: params['to'] === 'pause' ? 'paused' : 'cancelled' });
        return HttpResponse.json(state);
      }),
    );
    renderRoutes(routes, `/dead-letters/replays/${REPLAY_ID}`);
    const drawer = await screen.findByRole('dialog', { name: 'Replay' });
    expect(await within(drawer).findByRole('progressbar')).toHaveAttribute('aria-valuenow', '50');
    await expectNoAxe(drawer);
    await userEvent.click(within(drawer).getByRole('button', { name: 'Pause' }));
    expect(await within(drawer).findByRole('button', { name: 'Resume' })).toBeEnabled();
    await userEvent.click(within(drawer).getByRole('button', { name: 'Stop replay' }));
    const question = await screen.findByRole('dialog', { name: 'Stop this replay?' });
    await userEvent.click(within(question).getByRole('button', { name: 'Stop replay' }));
    expect(await within(drawer).findByText('Cancelled: 1 done, 1 failed again, 0 left out, 2 were not put back.')).toBeInTheDocument();
    expect(steered).toEqual(['pause', 'cancel']);
  });
});
