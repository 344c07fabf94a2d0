import { describe, expect, it } from 'vitest';
import { attachment } from '../testing/fixtures';
import { listed } from './listed';

const HTML = '<p><img src="cid:Logo@host"><img src=cid:%3Cscan%20one@host%3E></p>';
const picture = { content_type: 'image/PNG', content_id: 'logo@HOST' };

function isListed(more: Parameters<typeof attachment>[0], body_html: string | null = HTML): boolean {
  return listed({ attachments: [attachment(more)], body_html }).length === 1;
}

describe('what is offered beside the text', () => {
  it.each([
    ['a picture that the text shows', false, picture],
    ['one whose Content-ID is written in another way', false, { ...picture, content_id: 'scan one@host' }],
    ['one that its sender also marked as inline', false, { ...picture, inline: true }],
    ['a picture of before, marked as inline', false, { content_type: 'image/png', inline: true }],
    ['a picture of before, not marked', true, { content_type: 'image/png' }],
    ['a picture marked as inline that no text shows', true, { ...picture, content_id: 'other@host', inline: true }],
    ['a picture too large to be shown', true, { ...picture, size: 3_000_000 }],
    ['a file marked as inline', true, { content_type: 'application/pdf', inline: true }],
    ['a link marked as inline', true, { ...picture, kind: 'reference', inline: true }],
  ] as const)('%s: %s', (_what, expected, more) => {
    expect(isListed(more)).toBe(expected);
  });

  it('takes a text that shows nothing, and one that cannot be decoded', () => {
    expect(isListed(picture, null)).toBe(true);
    expect(isListed(picture, '<img src="cid:%E0%A4%A"><img src="cid:logo@host">')).toBe(false);
  });
});
