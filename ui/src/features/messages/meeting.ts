import type { MessageSummary } from './types';

type Meeting = Pick<MessageSummary, 'kind' | 'meeting_message_type'>;

// Microsoft's words (graph/api/resources/eventmessage); "tenatively" is how it spells it.
const BY_TYPE: Record<string, string> = {
  meetingRequest: 'Invitation',
  meetingCancelled: 'Meeting cancelled',
  meetingAccepted: 'Invitation accepted',
  meetingTenativelyAccepted: 'Invitation accepted tentatively',
  meetingDeclined: 'Invitation declined',
};
const BY_KIND: Record<MessageSummary['kind'], string | null> = {
  message: null,
  eventMessage: 'About a meeting',
  eventMessageRequest: 'Invitation',
  eventMessageResponse: 'Reply to an invitation',
};

/** What a message about a meeting is, in words; null for any other. */
export function meetingLabel({ kind, meeting_message_type }: Meeting): string | null {
  if (kind === 'message') return null;
  return BY_TYPE[meeting_message_type ?? ''] ?? BY_KIND[kind];
}
