/** One line of a test, as the service tells it when the step has ended. */
export interface StepLine {
  step: string;
  status: 'ok' | 'failed' | 'skipped';
  ms: number;
  code: string | null;
  words: string;
  details: Record<string, unknown>;
}

/** The steps in the order they are taken, and what each shows. */
export const STEPS = [
  { step: 'token', title: 'Access token', shows: 'Microsoft accepts the sign-in.' },
  { step: 'mailbox_read', title: 'Mailbox', shows: 'The inbox can be read.' },
  { step: 'subscription_create', title: 'Subscription', shows: 'Microsoft lets us subscribe.' },
  { step: 'validation', title: 'Webhook', shows: 'Microsoft reaches this installation.' },
  { step: 'notification', title: 'Notification', shows: 'A change in the mailbox is announced here.' },
  { step: 'subscription_remove', title: 'Clean-up', shows: 'What the test made at Microsoft is gone.' },
] as const;

export type Line = StepLine | { done: true; ok: boolean };

/** Raises TypeError for what is no line of a test. */
export function readLine(value: unknown): Line {
  if (typeof value === 'object' && value !== null) {
    if ('done' in value && 'ok' in value) return { done: true, ok: value.ok === true };
    if ('step' in value && 'status' in value) return value as StepLine;
  }
  throw new TypeError('The test answered something the console does not understand.');
}

/** What somebody else needs to mend it, as one block of text. */
export function reportOf(line: StepLine, mailbox: string): string {
  const { details } = line;
  const told = [
    ['Mailbox', mailbox],
    ['Step', line.step],
    ['Code', line.code],
    ['Meaning', line.words],
    ['Who can mend it', details['who_must_act']],
    ['Microsoft said', details['detail']],
    ['Graph code', details['graph_code']],
    ['HTTP status', details['http_status']],
    ['Request id', details['request_id']],
    ['AADSTS', details['aadsts']],
    ['Trace id', details['trace_id']],
    ['Correlation id', details['correlation_id']],
    ['Time', details['timestamp']],
  ];
  return told.filter(([, value]) => value !== null && value !== undefined && value !== '').map((pair) => pair.join(': ')).join('\n');
}
