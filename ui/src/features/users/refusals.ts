import { ApiProblem } from '../../lib/api/client';
import type { User } from './types';

/** Refusals of the service for people: who, what, what next. Others stay as the service words them. */
export function inWords(error: unknown, { email }: User): unknown {
  if (!(error instanceof ApiProblem)) return error;
  const words = Object.hasOwn(WORDS, error.code) ? WORDS[error.code]?.(email) : undefined;
  return words === undefined ? error : new ApiProblem(error.status, error.code, words, error.correlationId, { ...error.extra });
}

// None begins with the address: sentences begin with a capital letter on the screen.
const WORDS: Record<string, (email: string) => string> = {
  last_administrator: (email) =>
    `The last administrator who can sign in is ${email}. Make somebody else an administrator first, then try again.`,
  own_account: () => 'Nobody changes their own role, disables or deletes themselves. Ask another administrator to do it.',
  user_not_found: (email) => `The user ${email} was deleted in the meantime. Close this dialog: the list is read anew.`,
};
