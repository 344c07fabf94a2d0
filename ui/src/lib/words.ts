/** Words for the states of things and of lists: written once, so that one state has one name everywhere. */

export type Level = 'success' | 'info' | 'warning' | 'error' | 'neutral';
export type StateIcon = 'check' | 'clock' | 'hourglass' | 'lock' | 'error' | 'warning' | 'pause' | 'spinner' | 'skip' | 'off' | 'key';

export interface StateWord {
  word: string;
  level: Level;
  icon: StateIcon;
  means: string;
  /** How to leave the state. */
  leave: string;
}

type Words = Record<string, StateWord>;

function state(word: string, level: Level, icon: StateIcon, means: string, leave: string): StateWord {
  return { word, level, icon, means, leave };
}

const NOTHING = 'Nothing to do.';

export const ACCOUNT_STATES: Words = {
  connected: state('Connected', 'success', 'check', 'Sign-in, subscription and intake are good.', NOTHING),
  first_sync: state('First sync', 'info', 'spinner', 'The mailbox is read for the first time.', NOTHING),
  degraded: state('Degraded', 'warning', 'warning', 'It works, but slower or with a fallback.', 'Look at the cause.'),
  sign_in_required: state('Sign-in required', 'warning', 'key', 'Microsoft ended the permission.', 'The mailbox owner signs in again: Reconnect.'),
  consent_revoked: state('Consent revoked', 'error', 'lock', 'The permission was taken away at Microsoft.', 'A tenant administrator consents again.'),
  failing: state('Failing', 'error', 'error', 'The last calls of Microsoft failed.', 'Test the connection.'),
  blocked: state('Blocked', 'error', 'lock', 'The account is connected, but its mailbox cannot be served.', 'Look at the cause; mail waits and is fetched afterwards.'),
  disconnecting: state('Disconnecting', 'neutral', 'spinner', 'Subscriptions are being removed at Microsoft.', NOTHING),
  no_subscription: state('No subscription', 'neutral', 'off', 'The account is connected, but nothing is subscribed.', 'Subscribe its inbox.'),
};

export const SUBSCRIPTION_STATES: Words = {
  creating: state('Creating', 'info', 'spinner', 'Microsoft is asked for notifications.', NOTHING),
  active: state('Active', 'success', 'check', 'Microsoft notifies us of changes.', NOTHING),
  renewing: state('Renewing', 'info', 'spinner', 'Its lifetime is being extended.', NOTHING),
  expiring_soon: state('Expiring soon', 'warning', 'hourglass', 'Its renewal is late.', 'Renew now.'),
  reauthorization_needed: state('Reauthorization needed', 'warning', 'key', 'Microsoft asks us to confirm the permission.', 'Renew now; reconnect the account if that fails.'),
  removed_by_microsoft: state('Removed by Microsoft', 'error', 'error', 'Microsoft ended it.', 'Recreate it.'),
  expired: state('Expired', 'error', 'hourglass', 'Its lifetime ended before it was renewed.', 'Recreate it.'),
  creation_failed: state('Creation failed', 'error', 'error', 'Microsoft refused to make it.', 'Read the error, then recreate it.'),
  polled: state('Polled', 'success', 'check', 'Microsoft announces nothing of a shared mailbox, so it is looked at every 40 seconds.', NOTHING),
};

export const DEAD_LETTER_STATES: Words = {
  open: state('Open', 'error', 'error', 'All attempts failed.', 'Mend the cause, then replay it.'),
  replaying: state('Replaying', 'info', 'spinner', 'It is being tried again.', NOTHING),
  resolved: state('Resolved by replay', 'success', 'check', 'A later attempt succeeded.', NOTHING),
  discarded: state('Discarded', 'neutral', 'off', 'Somebody decided not to try it again.', 'Restore it.'),
  blocked: state('Blocked', 'warning', 'lock', 'Its cause is still present: it would fail again.', 'Mend the cause first.'),
};

export const REPLAY_STATES: Words = {
  running: state('Running', 'info', 'spinner', 'Items are being tried again.', 'Pause or cancel it.'),
  paused: state('Paused', 'neutral', 'pause', 'Nothing is tried until somebody resumes it.', 'Resume it.'),
  cancelled: state('Cancelled', 'neutral', 'off', 'The rest stays in the dead letters.', NOTHING),
  finished: state('Finished', 'success', 'check', 'Every item was tried.', NOTHING),
};

export const MESSAGE_STATES: Words = {
  stored: state('Stored', 'success', 'check', 'The message is in the database.', NOTHING),
  waiting: state('Waiting', 'info', 'clock', 'It will be fetched, or tried again.', NOTHING),
  dead: state('Dead letter', 'error', 'error', 'All attempts failed.', 'Replay it in Dead letters.'),
  skipped: state('Skipped', 'neutral', 'skip', 'There was nothing to store.', NOTHING),
  deleted: state('Deleted in the mailbox', 'neutral', 'off', 'The owner deleted it; our copy is kept.', NOTHING),
};

export const OUTCOME_STATES: Words = {
  success: state('Success', 'success', 'check', 'It was done.', NOTHING),
  failure: state('Failure', 'error', 'error', 'It was tried and failed.', 'Read its details.'),
  denied: state('Denied', 'warning', 'lock', 'It was not allowed.', NOTHING),
};

export const HEALTH_STATES: Words = {
  ok: state('OK', 'success', 'check', 'It works.', NOTHING),
  warning: state('Warning', 'warning', 'warning', 'It works, but needs a look.', 'Read its cause.'),
  failed: state('Failed', 'error', 'error', 'It does not work.', 'Read its cause.'),
  unknown: state('Unknown', 'neutral', 'off', 'It was not checked yet.', NOTHING),
  off: state('Off', 'neutral', 'off', 'It is not in use.', NOTHING),
};

export const USER_STATES: Words = {
  active: state('Active', 'success', 'check', 'Can sign in.', NOTHING),
  invited: state('Invited', 'info', 'hourglass', 'Has not used the invitation link yet.', 'Make a new link when the old one expired.'),
  disabled: state('Disabled', 'neutral', 'off', 'Cannot sign in.', 'Enable the user.'),
};

export const STATE_KINDS = {
  account: ACCOUNT_STATES,
  subscription: SUBSCRIPTION_STATES,
  dead_letter: DEAD_LETTER_STATES,
  replay: REPLAY_STATES,
  message: MESSAGE_STATES,
  outcome: OUTCOME_STATES,
  health: HEALTH_STATES,
  user: USER_STATES,
} as const;

export type StateKind = keyof typeof STATE_KINDS;

/** A state nobody wrote words for is shown as it is called, never hidden. */
export function stateWord(kind: StateKind, name: string): StateWord {
  const known: Words = STATE_KINDS[kind];
  return known[name] ?? state(plain(name), 'neutral', 'off', 'The console knows no words for this state.', NOTHING);
}

/** `removed_by_microsoft` -> "Removed by microsoft". */
export function plain(name: string): string {
  const words = name.replaceAll(/[_.]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export interface ListWords {
  empty: string;
  filtered: string;
  error: string;
}

/** What a list says when it has nothing to show. */
export const LIST_WORDS = {
  overview: {
    empty: 'Nothing connected yet.',
    filtered: 'No messages in this period.',
    error: 'Charts could not be loaded. Intake is not affected.',
  },
  accounts: {
    empty: 'No accounts yet. Connect Microsoft 365, or add the sandbox tenant.',
    filtered: 'No accounts match.',
    error: 'Accounts could not be loaded.',
  },
  subscriptions: {
    empty: 'No subscriptions yet. They appear when an account connects.',
    filtered: 'No subscription matches.',
    error: 'Subscriptions could not be loaded.',
  },
  messages: {
    empty: 'No messages yet. Waiting for the first one…',
    filtered: 'No message matches.',
    error: 'Messages could not be loaded.',
  },
  events: {
    empty: 'No events yet.',
    filtered: 'Nothing matches.',
    error: 'Events could not be loaded.',
  },
  dead_letters: {
    empty: 'No dead letters. Failed items land here after three attempts and can be replayed.',
    filtered: 'None with this cause any more.',
    error: 'The list could not be loaded; replay is disabled until it is.',
  },
  audit: {
    empty: 'Your own sign-in is the first entry.',
    filtered: 'No entry matches.',
    error: 'The audit log could not be loaded.',
  },
  users: {
    empty: 'No users yet.',
    filtered: 'No user matches.',
    error: 'Users could not be loaded.',
  },
  sessions: {
    empty: 'No sessions.',
    filtered: 'No session matches.',
    error: 'Sessions could not be loaded.',
  },
} as const satisfies Record<string, ListWords>;
