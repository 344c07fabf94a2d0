/** As the auth service asks. */
export const SHORTEST_PASSWORD = 12;

const COMFORTABLE = 20;

/** How good a new password is, in words; the service decides. */
export function passwordHint(password: string): string {
  const length = [...password].length;
  if (length === 0) return `At least ${SHORTEST_PASSWORD} characters; a few words make a good one.`;
  if (length < SHORTEST_PASSWORD) return `${SHORTEST_PASSWORD - length} more characters, please.`;
  if (new Set(password).size < 6) return 'Long enough, but easy to guess: it repeats few characters.';
  return length < COMFORTABLE ? 'Good. Longer is better: a few more words.' : 'Strong.';
}

export function isLongEnough(password: string): boolean {
  return [...password].length >= SHORTEST_PASSWORD;
}
