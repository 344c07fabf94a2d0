import type { Attempt, StepName, StepState, TraceState } from '../types';

export const STEP_WORDS: Record<StepName, string> = {
  received: 'Received by Microsoft',
  notified: 'Notified',
  queued: 'Queued',
  fetched: 'Fetched',
  stored: 'Stored',
};

export const STEP_STATE_WORDS: Record<StepState, string> = {
  done: 'done',
  waiting: 'waiting',
  failed: 'failed',
  skipped: 'left out',
};

export const TRACE_STATE_WORDS: Record<TraceState, string> = {
  stored: 'Stored',
  waiting: 'On its way',
  dead: 'Dead letter',
  skipped: 'Settled without a stored message',
};

const OUTCOME_WORDS: Record<string, string> = {
  retry: 'Failed, tried again',
  waited: 'Waited, no attempt spent',
  dead: 'Failed, given up',
  replayed: 'Replayed by somebody',
  done: 'Succeeded',
};

export function outcomeWord(outcome: string): string {
  return OUTCOME_WORDS[outcome] ?? outcome;
}

/** The step of the way at which an attempt ended: where its trouble is shown. */
export function stepOfAttempt(attempt: Attempt): StepName {
  if (attempt.stage === 'decode' || attempt.stage === 'store') return 'stored';
  if (attempt.stage === 'token' || attempt.stage === 'fetch') return 'fetched';
  return 'queued';
}
