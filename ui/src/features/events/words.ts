import type { StateWord } from '../../lib/words';
import type { Event } from './types';

const NOTHING = 'Nothing to do.';

function good(word: string, means: string): StateWord {
  return { word, level: 'success', icon: 'check', means, leave: NOTHING };
}

function quiet(word: string, means: string, leave = NOTHING): StateWord {
  return { word, level: 'neutral', icon: 'skip', means, leave };
}

function look(word: string, means: string, leave: string): StateWord {
  return { word, level: 'warning', icon: 'warning', means, leave };
}

const OUTCOMES: Record<string, StateWord> = {
  stored: good('Stored', 'Stored as a new message.'),
  updated: good('Updated', 'The stored message was brought up to date.'),
  unchanged: quiet('Unchanged', 'The stored message was up to date already.'),
  moved: good('Moved', 'Moved out of its folder; the stored message says where it is.'),
  deleted: quiet('Deleted in the mailbox', 'Removed at Microsoft; the stored message is marked so.'),
  skipped: quiet('Left out', 'Settled without a stored message.', 'Its trace says why.'),
  duplicate: quiet('Duplicate', 'The same event had been settled before.'),
  discarded: quiet('Discarded', 'It had died, and somebody gave it up.', 'Restore it under Dead letters.'),
  renewed: good('Renewed', 'The subscription was renewed.'),
  recreated: good('Recreated', 'The subscription was made anew.'),
  renewal_failed: look('Renewal failed', 'The subscription could not be renewed.', 'Open the subscription for the cause.'),
  missed_recorded: quiet('Missed', 'Microsoft said that notifications were lost; the folder was looked through.'),
  looked_up: look('Not understood', 'The folder was looked through for what it meant.', 'Update Flovify.'),
};

/** The word, the colour and the meaning of where an event stands. */
export function eventState(event: Pick<Event, 'state' | 'outcome' | 'attempts'> & Partial<Pick<Event, 'waits' | 'stuck'>>): StateWord {
  if (event.state === 'dead') {
    return { word: 'Dead letter', level: 'error', icon: 'error', means: 'Given up.', leave: 'Replay it under Dead letters.' };
  }
  if (event.state === 'waiting') return waiting(event.attempts, event.waits ?? 0, event.stuck ?? false);
  const outcome = event.outcome ?? '';
  return OUTCOMES[outcome] ?? quiet(outcome || 'Settled', 'Settled.');
}

function waiting(attempts: number, waits: number, stuck: boolean): StateWord {
  if (stuck) {
    return look('Stuck', 'Waiting for more than a day after trouble; still tried by itself.', 'Its trace says what Microsoft answers.');
  }
  if (waits > 0) {
    const times = waits === 1 ? 'once' : `${waits} times`;
    return { word: 'Waiting', level: 'info', icon: 'clock', means: `Put off ${times} without spending an attempt.`, leave: NOTHING };
  }
  if (attempts === 0) {
    return { word: 'Waiting', level: 'info', icon: 'clock', means: 'In the queue, until a worker takes it.', leave: NOTHING };
  }
  return { word: 'Retrying', level: 'warning', icon: 'clock', means: `Tried ${attempts} times; tried again by itself.`, leave: NOTHING };
}

export const OUTCOME_OPTIONS = Object.entries(OUTCOMES).map(([value, { word }]) => ({ value, label: word }));

const LIFECYCLE: Record<string, string> = {
  reauthorizationRequired: 'Reauthorization required',
  subscriptionRemoved: 'Subscription removed',
  missed: 'Notifications missed',
};

/** What happened at Microsoft. */
export function eventTitle(event: { kind: string; change_type: string | null }): string {
  const change = event.change_type ?? '';
  if (event.kind === 'change') return change ? `Message ${change}` : 'Message changed';
  if (event.kind === 'lifecycle') return LIFECYCLE[change] ?? (change || 'Lifecycle notification');
  return 'Unknown notification';
}
