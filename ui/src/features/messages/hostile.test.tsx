import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { renderElement, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { fileName } from './fileName';
import { Reader } from './reader/Reader';
import { routes } from './routes';
import { answerMessages } from './testing/answers';
import { attachment, detail, idOf, summary } from './testing/fixtures';
import { HOSTILE } from './testing/hostile';
// Loaded before the tests begin: their patience is for what the page does.
import './MessagesPage';

const RUNNABLE = 'script, iframe:not([title^="Message"]), object, embed, base, meta[http-equiv], [onerror], [onload], [onfocus], [ontoggle], a[href^="javascript"], a[href^="data"]';

describe('subjects, names and texts of attackers', () => {
  it('are forty', () => {
    expect(new Set(HOSTILE).size).toBe(40);
  });

  it('stand in the list as text', async () => {
    answerMessages(HOSTILE.map((text, index) => summary(index + 1, { subject: text, preview: text, from: { name: text, address: text } })));
    const { container } = renderRoutes(routes, '/messages');
    const list = await screen.findByRole('list', { name: 'Messages' });
    expect(within(list).getAllByRole('link')).toHaveLength(HOSTILE.length);
    expect(container.querySelectorAll(RUNNABLE)).toHaveLength(0);
    expect(list).toHaveTextContent('<script>window.__hacked=1</script>');
    expect(Reflect.get(window, '__hacked')).toBeUndefined();
  });

  it.each(HOSTILE.map((text, index) => [index, text] as const))('number %i is text in the reader', async (_index, text) => {
    answerMessages([]);
    const address = { name: text, address: text };
    const attachments = (['file', 'reference'] as const).map((kind) => attachment({ id: text + kind, name: text, content_type: text, kind }));
    const message = detail(1, { subject: text, from: address, to: [address], attachments, decode_note: text });
    server.use(http.get('*/bff/api/messages/:id', () => HttpResponse.json(message)));
    // The reader and its details alone: the list beside it has none of these texts, and costs more than both.
    const { container } = renderElement(<Reader id={idOf(1)} tab="html" onTab={() => undefined} details />);
    await screen.findByRole('article', { name: 'Message' });
    expect(container.querySelectorAll(RUNNABLE)).toHaveLength(0);
    expect(Reflect.get(window, '__hacked')).toBeUndefined();
  });

  it('make no file names that lead elsewhere or look like something else', () => {
    for (const text of HOSTILE) {
      const name = fileName(text, 'message');
      expect(name).toMatch(/^[^\\/:*?"<>|\p{Cc}\p{Cf}]{1,80}$/u);
      expect(name).not.toMatch(/^\.|\.$/);
    }
  });
});
