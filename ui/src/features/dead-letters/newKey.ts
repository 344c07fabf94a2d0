/** A name for one replay, so that a second click or a lost answer cannot start it twice. */
export function newKey(): string {
  // Not randomUUID: it is missing on a plain http:// page.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
