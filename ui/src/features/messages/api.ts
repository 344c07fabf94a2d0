import { queryOptions } from '@tanstack/react-query';
import {
  getAttachment,
  getEventTrace,
  getMessage,
  getMessageTrace,
  getSource,
  listMessageSummaries,
} from '../../lib/api/generated/api';
import type { MessageFilters } from './filters';
import { summaryQuery } from './filters';
import type { MessageSummaryPage } from './types';

const PAGE_SIZE = 50;
const START_BYTES = 256 * 1024;

/** The newest page of the list; the live stream has it fetched again. */
export function summariesQuery(filters: MessageFilters) {
  return queryOptions({
    queryKey: ['api', 'message-summaries', filters],
    queryFn: ({ signal }) => fetchSummaries(filters, undefined, signal),
  });
}

export async function fetchSummaries(
  filters: MessageFilters,
  after?: string,
  signal?: AbortSignal,
): Promise<MessageSummaryPage> {
  const { data } = await listMessageSummaries({
    query: { ...summaryQuery(filters, new Date()), limit: PAGE_SIZE, ...(after && { after }) },
    throwOnError: true,
    ...(signal && { signal }),
  });
  return data;
}

export function messageQuery(id: string) {
  return queryOptions({
    queryKey: ['api', 'messages', id],
    queryFn: async ({ signal }) =>
      (await getMessage({ path: { message_id: id }, signal, throwOnError: true })).data,
  });
}

export type TraceOf = { messageId: string } | { eventId: string };

export function traceQuery(of: TraceOf) {
  return queryOptions({
    queryKey: 'messageId' in of ? ['api', 'messages', of.messageId, 'trace'] : ['api', 'events', of.eventId, 'trace'],
    queryFn: async ({ signal }) =>
      'messageId' in of
        ? (await getMessageTrace({ path: { message_id: of.messageId }, signal, throwOnError: true })).data
        : (await getEventTrace({ path: { event_id: of.eventId }, signal, throwOnError: true })).data,
  });
}

/** The source, and its beginning as text. Kept as long as the message is open: fetching it again costs Microsoft's time. */
export function sourceQuery(id: string) {
  return queryOptions({
    queryKey: ['source', id],
    queryFn: async ({ signal }) => {
      const { data } = await getSource({
        path: { message_id: id },
        signal,
        parseAs: 'blob',
        throwOnError: true,
      });
      const blob = asBlob(data);
      return { blob, start: await blob.slice(0, START_BYTES).text() };
    },
    staleTime: Infinity,
    gcTime: 0,
  });
}

/** An attachment's bytes, and the type that the service says they have. */
export async function fetchAttachment(messageId: string, attachmentId: string): Promise<{ blob: Blob; type: string }> {
  const { data } = await getAttachment({
    path: { message_id: messageId, attachment_id: attachmentId },
    parseAs: 'blob',
    throwOnError: true,
  });
  return { blob: asBlob(data), type: data instanceof Blob ? data.type : '' };
}

/** Bytes to be saved, whatever type they claim: a browser must not open them here. */
function asBlob(data: unknown): Blob {
  if (data instanceof Blob) return data.slice(0, data.size, 'application/octet-stream');
  throw new TypeError('The answer held no bytes.');
}
