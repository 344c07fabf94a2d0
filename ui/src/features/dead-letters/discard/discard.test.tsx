import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../../test/axe';
import { fill } from '../../../test/fill';
import { renderRoutes } from '../../../test/render';
import { server } from '../../../test/server';
import { routes } from '../routes';
import { answerDeadLetters } from '../testing/answers';
import { group, letter, preview } from '../testing/fixtures';
// Loaded before the tests begin: their patience is for what the page does.
import '../DeadLettersPage';

const LETTERS = [letter(3), letter(2), letter(1)];

describe('discarding', () => {
  it('needs a reason, which is sent', async () => {
    const sent: unknown[] = [];
    answerDeadLetters({ letters: LETTERS, groups: [group()] });
    server.use(
      http.post('*/bff/api/dead-letters/discard', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ discarded: 3 });
      }),
    );
    renderRoutes(routes, '/dead-letters');
    await userEvent.click(await screen.findByRole('button', { name: 'Discard all 3' }));
    const dialog = await screen.findByRole('alertdialog', { name: 'Discard 3 dead letters?' });
    const confirm = within(dialog).getByRole('button', { name: 'Discard' });
    expect(confirm).toBeDisabled();
    await fill(/^Reason/, '   ');
    expect(confirm).toBeDisabled();
    await fill(/^Reason/, 'Newsletters');
    await expectNoAxe(dialog);
    await userEvent.click(confirm);
    expect(await screen.findByText(/3 dead letters discarded\./)).toBeVisible();
    expect(sent).toEqual([{ filter: { reason: 'graph_400' }, reason: 'Newsletters' }]);
  });

  it('of very many needs their number typed', async () => {
    answerDeadLetters({ letters: LETTERS, groups: [group({ count: 1204 })], preview: preview({ total: 1204 }) });
    renderRoutes(routes, '/dead-letters');
    await userEvent.click(await screen.findByRole('button', { name: 'Discard all 1,204' }));
    const dialog = await screen.findByRole('alertdialog', { name: 'Discard 1,204 dead letters?' });
    await fill(/^Reason/, 'Newsletters');
    expect(within(dialog).getByRole('button', { name: 'Discard' })).toBeDisabled();
    await fill('Type 1204 to confirm', '1204');
    expect(within(dialog).getByRole('button', { name: 'Discard' })).toBeEnabled();
  });

  it('is taken back from the list of what was discarded', async () => {
    answerDeadLetters({});
    const discarded = { ...letter(1), discarded_at: '2026-11-22T18:05:59Z', discarded_by: 'ada@example.com', discard_reason: 'Newsletters' };
    server.use(
      http.get('*/bff/api/dead-letters/discarded', () => HttpResponse.json({ items: [discarded], next: null })),
      http.post('*/bff/api/dead-letters/restore', () => HttpResponse.json({ restored: 1 })),
    );
    renderRoutes(routes, '/dead-letters?view=discarded');
    expect(await screen.findByText('Newsletters')).toBeVisible();
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Restore' }));
    expect(await screen.findByText(/Restored: it is a dead letter again\./)).toBeVisible();
  });
});
