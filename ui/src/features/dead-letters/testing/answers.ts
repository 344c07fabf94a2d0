import { http, HttpResponse } from 'msw';
import { server } from '../../../test/server';
import { answerAccounts } from '../../messages/testing/answers';
import type { DeadLetter, DeadLetterGroup, Replay, ReplayPreview } from '../types';
import { preview } from './fixtures';

interface Answers {
  letters?: DeadLetter[];
  groups?: DeadLetterGroup[];
  preview?: ReplayPreview;
  replays?: Replay[];
}

/** What the page asks for; `asked` are the selections that were previewed. */
export function answerDeadLetters({ letters = [], groups = [], preview: counted = preview(), replays = [] }: Answers) {
  const asked: unknown[] = [];
  answerAccounts();
  server.use(
    http.get('*/bff/api/dead-letter-groups', () => HttpResponse.json({ items: groups, total: groups.reduce((sum, one) => sum + one.count, 0) })),
    http.get('*/bff/api/dead-letters', () => HttpResponse.json({ items: letters, next: null })),
    http.get('*/bff/api/replays', () => HttpResponse.json({ items: replays, next: null })),
    http.post('*/bff/api/replays/preview', async ({ request }) => {
      asked.push(await request.json());
      return HttpResponse.json(counted);
    }),
  );
  return { asked };
}
