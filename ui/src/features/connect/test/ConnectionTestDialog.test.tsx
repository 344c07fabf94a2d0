import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../../test/axe';
import { problem, renderElement } from '../../../test/render';
import { server } from '../../../test/server';
import { ConnectionTestDialog } from './ConnectionTestDialog';
import type { StepLine } from './steps';

const ACCOUNT = { id: '00000000-0000-4000-8000-0000000000aa', account_email: 'sales@contoso.example' };

function line(name: string, more: Partial<StepLine> = {}): string {
  return `${JSON.stringify({ step: name, status: 'ok', ms: 120, code: null, words: '', details: {}, ...more })}\n`;
}

/** The service's stream, written by the test piece by piece. */
function answerTest() {
  let writer: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (writer = controller) });
  server.use(http.post('*/bff/api/tenants/:id/test', () => new HttpResponse(body, { headers: { 'Content-Type': 'application/x-ndjson' } })));
  return {
    say: (text: string) => writer.enqueue(new TextEncoder().encode(text)),
    end: () => writer.close(),
  };
}

function step(name: string): HTMLElement {
  const found = screen.getByText((_, element) => element?.tagName === 'LI' && (element.textContent ?? '').startsWith(name));
  return found;
}

describe('the test of a connection', () => {
  it('tells each step as it ends', async () => {
    const service = answerTest();
    renderElement(<ConnectionTestDialog account={ACCOUNT} onClose={() => undefined} />);
    service.say(line('token'));
    expect(await screen.findByText('120 ms')).toBeVisible();
    expect(within(step('Mailbox')).getByRole('progressbar', { name: 'Under way' })).toBeVisible();
    for (const one of ['mailbox_read', 'subscription_create', 'validation', 'notification', 'subscription_remove']) service.say(line(one));
    service.say('{"done":true,"ok":true}\n');
    expect(await screen.findByText('Everything works.')).toBeVisible();
    await expectNoAxe();
  });

  it("shows why a step failed: the code, who can mend it, Microsoft's request id", async () => {
    const service = answerTest();
    renderElement(<ConnectionTestDialog account={ACCOUNT} onClose={() => undefined} />);
    const details = { who_must_act: 'administrator', graph_code: 'ErrorAccessDenied', request_id: 'req-1', link: 'https://learn.microsoft.com/x' };
    service.say(line('token') + line('mailbox_read', { status: 'failed', code: 'mailbox_access_denied', words: 'The app may not read this mailbox.', details }));
    service.say(line('subscription_create', { status: 'skipped', words: 'Not tried, because mailbox_read failed.' }));
    service.say('{"done":true,"ok":false}\n');
    expect(await screen.findByText('The app may not read this mailbox.')).toBeVisible();
    expect(screen.getByText('Who can mend it: an administrator of the organisation.')).toBeVisible();
    expect(screen.getByText('req-1')).toBeVisible();
    expect(screen.getByText('Not tried, because mailbox_read failed.')).toBeVisible();
    expect(await screen.findByText(/The test failed/)).toBeVisible();
    await expectNoAxe();
  });

  it('says so when the stream ends too early', async () => {
    const service = answerTest();
    renderElement(<ConnectionTestDialog account={ACCOUNT} onClose={() => undefined} />);
    service.say(line('token'));
    service.end();
    expect(await screen.findByText(/lost before the test ended/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Test again' })).toBeEnabled();
  });

  it('tells a refusal, such as a test that runs already', async () => {
    server.use(http.post('*/bff/api/tenants/:id/test', () => problem(409, 'connection_check_running', 'This connection is being tested already.')));
    renderElement(<ConnectionTestDialog account={ACCOUNT} onClose={() => undefined} />);
    expect(await screen.findByText(/being tested already/)).toBeVisible();
  });
});
