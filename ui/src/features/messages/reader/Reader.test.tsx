import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it, vi } from 'vitest';
import { expectNoAxe } from '../../../test/axe';
import { problem, renderRoutes } from '../../../test/render';
import { server } from '../../../test/server';
import { routes } from '../routes';
import { answerMessages } from '../testing/answers';
import { attachment, deadTrace, detail, idOf, summary } from '../testing/fixtures';
import type { MessageDetail } from '../types';
// Loaded before the tests begin: their patience is for what the page does.
import '../MessagesPage';

function open(message: Partial<MessageDetail> = {}, search = '') {
  answerMessages([summary(1)]);
  server.use(http.get('*/bff/api/messages/:id', () => HttpResponse.json(detail(1, message))));
  return renderRoutes(routes, `/messages/${idOf(1)}${search}`);
}

describe('reading a message', () => {
  it('shows the HTML in a frame that may run nothing, under the address of the front door', async () => {
    open();
    const frame = await screen.findByTitle('Message: Subject 1');
    expect(frame).toHaveAttribute('src', `/bff/api/messages/${idOf(1)}/body`);
    expect(frame).not.toHaveAttribute('srcdoc');
    expect(frame.getAttribute('sandbox')).toBe('allow-popups allow-popups-to-escape-sandbox');
    await expectNoAxe();
  });

  it('fetches the pictures of the message only when asked', async () => {
    open({ attachments: [attachment({ name: 'p.png', content_type: 'image/png', inline: true })] });
    await userEvent.click(await screen.findByRole('button', { name: 'Show its pictures' }));
    expect(screen.getByTitle('Message: Subject 1')).toHaveAttribute('src', `/bff/api/messages/${idOf(1)}/body?images=true`);
  });

  it('has the open tab in the URL', async () => {
    const { router } = open({ headers: [{ name: 'X-Mailer', value: 'Test' }] });
    await userEvent.click(await screen.findByRole('tab', { name: 'Headers' }));
    expect(router.state.location.search).toBe('?tab=headers');
    expect(screen.getByRole('rowheader', { name: 'X-Mailer' })).toBeInTheDocument();
    expect(screen.queryByTitle('Message: Subject 1')).not.toBeInTheDocument();
    await expectNoAxe();
  });

  it.each(['text', 'json'])('shows the tab %s', async (tab) => {
    open({}, `?tab=${tab}`);
    expect(await screen.findByRole('tabpanel')).toHaveTextContent(tab === 'text' ? 'Text 1' : 'AAMk1');
    await expectNoAxe();
  });

  it('fetches the source when its tab is open, for reading and saving', async () => {
    server.use(http.get('*/bff/api/messages/:id/raw', () => new HttpResponse('Subject: raw source\r\n\r\nHello')));
    open({}, '?tab=raw');
    expect(await screen.findByText(/raw source/)).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Download .eml' })).toBeInTheDocument();
    await expectNoAxe();
  });

  it('says in words that the source is gone', async () => {
    server.use(http.get('*/bff/api/messages/:id/raw', () => problem(410, 'message_gone', 'Deleted in the mailbox.')));
    open({}, '?tab=raw');
    expect(await screen.findByText('The source could not be fetched.')).toBeInTheDocument();
    expect(screen.getByText('Deleted in the mailbox.')).toBeInTheDocument();
  });

  it('offers attachments for saving only, and says why one cannot be had', async () => {
    server.use(http.get('*/bff/api/messages/:id/attachments/:aid', () => problem(410, 'message_gone', 'Deleted in the mailbox.')));
    open({ attachments: [attachment({ name: '../evil\u202Egnp.exe', content_type: 'text/html', size: 2048 })] });
    const button = await screen.findByRole('button', { name: 'Download _evilgnp.exe' });
    expect(button).toHaveTextContent('2 kB, text/html');
    await userEvent.click(button);
    expect(await screen.findByText(/could not be fetched: Deleted in the mailbox\./)).toBeInTheDocument();
  });

  it('saves an attachment as plain bytes under a safe name', async () => {
    const saved = vi.fn<(name: string) => void>();
    URL.createObjectURL = (blob: Blob) => `blob:${blob.type}`;
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function save(this: HTMLAnchorElement) {
      saved(`${this.download} ${this.href}`);
    });
    server.use(http.get('*/bff/api/messages/:id/attachments/:aid', () => new HttpResponse('<script>', { headers: { 'Content-Type': 'text/html' } })));
    open({ attachments: [attachment({ name: 'page.html', content_type: 'text/html' })] });
    await userEvent.click(await screen.findByRole('button', { name: 'Download page.html' }));
    await vi.waitFor(() => expect(saved).toHaveBeenCalledWith('page.html blob:application/octet-stream'));
  });

  it('shows a link to a file kept elsewhere, and offers no download of it', async () => {
    open({ attachments: [attachment({ name: 'Plan.docx', kind: 'reference', inline: true })] });
    const item = within(await screen.findByRole('list', { name: 'Attachments' })).getByRole('listitem');
    expect(item).toHaveTextContent('Plan.docx');
    expect(item).toHaveTextContent('a file kept elsewhere');
    expect(screen.queryByRole('button', { name: /Download/ })).not.toBeInTheDocument();
    await expectNoAxe();
  });

  it('saves an attached message with the ending of its type', async () => {
    const saved = vi.fn<(name: string) => void>();
    URL.createObjectURL = () => 'blob:x';
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function save(this: HTMLAnchorElement) {
      saved(this.download);
    });
    server.use(http.get('*/bff/api/messages/:id/attachments/:aid', () => new HttpResponse('From: a', { headers: { 'Content-Type': 'message/rfc822' } })));
    open({ attachments: [attachment({ name: 'Our plans', content_type: null, kind: 'item' })] });
    await userEvent.click(await screen.findByRole('button', { name: 'Download Our plans' }));
    await vi.waitFor(() => expect(saved).toHaveBeenCalledWith('Our plans.eml'));
  });

  it.each([
    ['eventMessageRequest', null, 'Invitation'],
    ['eventMessageResponse', null, 'Reply to an invitation'],
    ['eventMessageResponse', 'meetingDeclined', 'Invitation declined'],
    ['eventMessage', 'meetingCancelled', 'Meeting cancelled'],
    ['eventMessage', 'none', 'About a meeting'],
  ] as const)('says that a message of kind %s, %s is: %s', async (kind, meeting_message_type, label) => {
    open({ kind, meeting_message_type });
    expect(within(await screen.findByRole('article', { name: 'Message' })).getByText(label)).toBeInTheDocument();
  });

  it('keeps what is stored of a message that was deleted', async () => {
    open({ deleted_at: '2026-11-22T19:00:00Z', decode_note: 'the charset was unknown' });
    expect(await screen.findByText(/was removed from its folder/)).toBeInTheDocument();
    expect(screen.getByText(/the charset was unknown/)).toBeInTheDocument();
    await expectNoAxe();
  });

  it('says that a message does not exist', async () => {
    answerMessages([summary(1)]);
    server.use(http.get('*/bff/api/messages/:id', () => problem(404, 'not_found', 'There is no message with this id.')));
    renderRoutes(routes, `/messages/${idOf(7)}`);
    expect(await screen.findByText('There is no message with this id.')).toBeInTheDocument();
  });
});

describe('the trace', () => {
  it('tells each step with its time and delay', async () => {
    open();
    const steps = within(await screen.findByRole('list', { name: 'Steps' })).getAllByRole('listitem');
    expect(steps).toHaveLength(5);
    expect(steps[1]).toHaveTextContent('Notified');
    expect(steps[1]).toHaveTextContent('+340 ms');
  });

  it('has the attempts of a failed step open, with the id for Microsoft', async () => {
    answerMessages([summary(1)]);
    server.use(http.get('*/bff/api/messages/:id/trace', () => HttpResponse.json(deadTrace())));
    renderRoutes(routes, `/messages/${idOf(1)}`);
    const attempts = await screen.findByRole('list', { name: 'Attempts' });
    expect(attempts).toHaveTextContent('Microsoft answered 400');
    expect(attempts).toHaveTextContent('ErrorInvalidRequest: poisoned');
    expect(within(attempts).getByRole('button', { name: 'Copy Microsoft request-id' })).toBeInTheDocument();
    await expectNoAxe();
  });

  it('can be hidden', async () => {
    const { router } = open();
    await userEvent.click(await screen.findByRole('button', { name: 'Details and trace' }));
    expect(router.state.location.search).toBe('?details=hidden');
    expect(screen.queryByRole('list', { name: 'Steps' })).not.toBeInTheDocument();
  });
});
