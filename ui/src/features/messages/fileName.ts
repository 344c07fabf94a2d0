const LONGEST = 80;

/** A file name from a sender's text: no folders, no control or direction characters, not too long. */
export function fileName(text: string | null | undefined, otherwise: string): string {
  const safe = (text ?? '')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '')
    .replace(/[\\/:*?"<>|]+/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '')
    .slice(0, LONGEST);
  return safe || otherwise;
}
