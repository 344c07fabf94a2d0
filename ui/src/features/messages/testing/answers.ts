import { http, HttpResponse } from 'msw';
import { server } from '../../../test/server';
import type { MessageSummary } from '../types';
import { ACCOUNT_ID, detail, summary, trace } from './fixtures';

/** The accounts, as pages with account names ask for them. */
export function answerAccounts(email = 'sales@contoso.example'): void {
  const items = email ? [{ id: ACCOUNT_ID, account_email: email, display_name: 'Sales' }] : [];
  server.use(http.get('*/bff/api/accounts', () => HttpResponse.json({ items, next: null, total: items.length })));
}

/** A list whose first page a test can change: what is shown is what `items` holds when it is asked for. */
export function answerMessages(items: MessageSummary[], next: string | null = null) {
  const list = { items, next, asked: [] as URLSearchParams[] };
  answerAccounts();
  server.use(
    http.get('*/bff/api/message-summaries', ({ request }) => {
      const query = new URL(request.url).searchParams;
      list.asked.push(query);
      if (query.get('after')) return HttpResponse.json({ items: [summary(0)], next: null, total_estimate: 0 });
      return HttpResponse.json({ items: list.items, next: list.next, total_estimate: list.items.length });
    }),
    http.get('*/bff/api/messages/:id', ({ params }) => {
      const found = list.items.find((one) => one.id === params['id']) ?? summary(1);
      return HttpResponse.json(detail(1, { id: found.id, subject: found.subject, from: found.from }));
    }),
    http.get('*/bff/api/messages/:id/trace', () => HttpResponse.json(trace())),
  );
  return list;
}
