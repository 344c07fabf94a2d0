export type { Account, AccountDetail, AccountPage, EventOut, MessageRemovalOrder as RemovalOrder, MessageSummary, SubscriptionOut, SyncResult } from '../../lib/api/generated/api';

/** Something that happened to the tokens of an account. */
export interface TokenEvent {
  at: string;
  kind: string;
  detail: string;
  error: { code: string; cause: string; action: string } | null;
}
