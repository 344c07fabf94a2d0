import type { Account } from '../types';

/** What can be done with an account. */
export type ActionKind = 'test' | 'sync' | 'refresh' | 'reconnect' | 'disconnect';

/** What the actions need to know of an account. */
export type Acting = Pick<Account, 'id' | 'account_email' | 'display_name' | 'access' | 'cloud' | 'sandbox' | 'registration_id'>;

interface Action {
  kind: ActionKind;
  label: string;
  role: 'operator' | 'administrator';
}

export const ACTIONS: readonly Action[] = [
  { kind: 'test', label: 'Test connection', role: 'operator' },
  { kind: 'sync', label: 'Sync now', role: 'operator' },
  { kind: 'refresh', label: 'Refresh token', role: 'administrator' },
  { kind: 'reconnect', label: 'Reconnect', role: 'administrator' },
  { kind: 'disconnect', label: 'Disconnect', role: 'administrator' },
];
