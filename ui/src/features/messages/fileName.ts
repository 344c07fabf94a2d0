const LONGEST = 80;
const ENDINGS: Record<string, string> = { 'message/rfc822': '.eml', 'text/calendar': '.ics', 'text/vcard': '.vcf' };

/** A file name from a sender's text: no folders, no control or direction characters, not too long. */
export function fileName(text: string | null | undefined, otherwise: string): string {
  const safe = (text ?? '')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '')
    .replace(/[\\/:*?"<>|]+/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '')
    .slice(0, LONGEST);
  return safe || otherwise;
}

/** The name of an attached item, which is a subject or a person, with the ending of its type. */
export function withEnding(name: string, type: string): string {
  const ending = ENDINGS[type.split(';')[0]?.trim().toLowerCase() ?? ''] ?? '';
  return name.toLowerCase().endsWith(ending) ? name : name + ending;
}
