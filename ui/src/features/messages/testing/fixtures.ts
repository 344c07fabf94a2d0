import type { Attachment, MessageDetail, MessageSummary, Trace } from '../types';

export const ACCOUNT_ID = '00000000-0000-4000-8000-0000000000aa';

/** A v7-like id: later numbers are newer. */
export function idOf(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

export function summary(number: number, more: Partial<MessageSummary> = {}): MessageSummary {
  return {
    id: idOf(number),
    tenant_id: ACCOUNT_ID,
    subject: `Subject ${number}`,
    from: { name: `Sender ${number}`, address: `sender${number}@example.org` },
    preview: `Preview ${number}`,
    received_at: '2026-11-22T18:05:59Z',
    stored_at: '2026-11-22T18:06:00Z',
    has_attachments: false,
    is_read: false,
    importance: 'normal',
    kind: 'message',
    meeting_message_type: null,
    deleted_at: null,
    decode_note: null,
    ...more,
  };
}

export function detail(number: number, more: Partial<MessageDetail> = {}): MessageDetail {
  return {
    id: idOf(number),
    tenant_id: ACCOUNT_ID,
    provider: 'microsoft365',
    provider_message_id: `AAMk${number}`,
    internet_message_id: `<${number}@example.org>`,
    subject: `Subject ${number}`,
    sender: null,
    from: { name: `Sender ${number}`, address: `sender${number}@example.org` },
    to: [{ name: null, address: 'sales@contoso.example' }],
    cc: [],
    bcc: [],
    reply_to: [],
    received_at: '2026-11-22T18:05:59Z',
    sent_at: null,
    body_text: `Text ${number}`,
    body_html: `<p>Text ${number}</p>`,
    preview: `Preview ${number}`,
    has_attachments: false,
    attachments: [],
    is_read: false,
    is_draft: false,
    importance: 'normal',
    kind: 'message',
    meeting_message_type: null,
    conversation_id: null,
    folder_id: null,
    categories: [],
    headers: [{ name: 'Subject', value: `Subject ${number}` }],
    etag: null,
    last_modified_at: null,
    decode_note: null,
    stored_at: '2026-11-22T18:06:00Z',
    updated_at: '2026-11-22T18:06:00Z',
    deleted_at: null,
    raw: { id: `AAMk${number}` },
    ...more,
  };
}

/** A file of which only what matters to a test is told. */
export function attachment(more: Partial<Attachment> = {}): Attachment {
  return { id: 'a', name: 'a.bin', content_type: 'application/octet-stream', size: 10, inline: false, content_id: null, kind: 'file', ...more };
}

export function trace(more: Partial<Trace> = {}): Trace {
  const at = '2026-11-22T18:06:00Z';
  return {
    message_id: idOf(1),
    event_id: idOf(901),
    correlation_id: idOf(902),
    state: 'stored',
    steps: [
      { name: 'received', at, since_previous_ms: null, state: 'done', detail: 'Microsoft received the message.' },
      { name: 'notified', at, since_previous_ms: 340, state: 'done', detail: 'The notification was kept.' },
      { name: 'queued', at, since_previous_ms: 2, state: 'done', detail: 'A worker took it.' },
      { name: 'fetched', at, since_previous_ms: 80, state: 'done', detail: 'The message came from Microsoft.' },
      { name: 'stored', at, since_previous_ms: 5, state: 'done', detail: 'Stored as a new message.' },
    ],
    attempts: [],
    other_events: [],
    ...more,
  };
}

/** The trace of an event that was given up while it was fetched. */
export function deadTrace(): Trace {
  const { steps } = trace();
  return trace({
    message_id: null,
    state: 'dead',
    steps: steps.map((step) => {
      if (step.name === 'fetched') return { ...step, state: 'failed', detail: 'Tried 3 times, then given up.' };
      return step.name === 'stored' ? { ...step, at: null, since_previous_ms: null, state: 'skipped' } : step;
    }),
    attempts: [
      {
        number: 1,
        at: '2026-11-22T18:06:01Z',
        stage: 'fetch',
        outcome: 'dead',
        error_kind: 'bad_request',
        error: 'ErrorInvalidRequest: poisoned',
        status: 400,
        request_id: 'aaaabbbb-1111-4222-8333-ccccddddeeee',
        wait_seconds: null,
        times: 1,
      },
    ],
  });
}
