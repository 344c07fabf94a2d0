import type { Attachment, MessageDetail } from '../types';

// The pictures that the service shows in the text. Microsoft's sizes are a little more than the content's.
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const MAX_BYTES = 1.5 * 1024 * 1024;

/** The attachments to offer beside the text: all but the pictures that have their place in it. */
export function listed({ attachments, body_html }: Pick<MessageDetail, 'attachments' | 'body_html'>): Attachment[] {
  const inText = contentIds(body_html ?? '');
  return attachments.filter((item) => !isInText(item, inText));
}

function isInText(item: Attachment, inText: Set<string>): boolean {
  if (item.kind !== 'file' || !SHOWN.has(item.content_type?.toLowerCase() ?? '')) return false;
  if ((item.size ?? 0) > MAX_BYTES) return false;
  // Without a Content-ID (messages stored before it was kept) there is only the sender's mark to go by.
  return item.content_id === null ? item.inline : inText.has(item.content_id.toLowerCase());
}

/** The Content-IDs that `cid:` addresses in the HTML mean (RFC 2392), in lower case. */
function contentIds(html: string): Set<string> {
  const found = new Set<string>();
  for (const match of html.matchAll(/\bcid:([^"'\s>)]+)/gi)) {
    found.add(decoded((match[1] ?? '').replaceAll('&amp;', '&')).replace(/^<|>$/g, '').toLowerCase());
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
