import type { Replay, ReplayItemState, ReplayState } from '../types';

export const REPLAY_STATE_WORDS: Record<ReplayState, string> = {
  running: 'Running',
  paused: 'Paused',
  cancelled: 'Cancelled',
  finished: 'Finished',
};

export const ITEM_STATE_WORDS: Record<ReplayItemState, string> = {
  planned: 'Would be put back',
  pending: 'Not put back yet',
  waiting: 'In the queue',
  done: 'Done',
  failed_again: 'Failed again',
  skipped: 'Left out',
};

/** How far a replay is, in whole percent. */
export function percentDone(replay: Replay): number {
  if (replay.total === 0) return 100;
  return Math.floor(((replay.total - replay.remaining) / replay.total) * 100);
}

export function isUnderWay(replay: Replay): boolean {
  return replay.state === 'running' || replay.state === 'paused';
}

/** One sentence for a list or a live region. */
export function replaySentence(replay: Replay): string {
  if (replay.dry_run) return `A trial: ${replay.total - replay.skipped} of ${replay.total} would be put back.`;
  const ended = replay.total - replay.remaining;
  if (isUnderWay(replay)) {
    const word = replay.state === 'paused' ? 'Paused' : 'Running';
    return `${word}: ${ended} of ${replay.total} have come to an end, ${replay.failed_again} failed again.`;
  }
  const left = replay.remaining > 0 ? `, ${replay.remaining} were not put back` : '';
  return `${REPLAY_STATE_WORDS[replay.state]}: ${replay.done} done, ${replay.failed_again} failed again, ${replay.skipped} left out${left}.`;
}
