/** An EventSource that a test speaks through. */
export class FakeStream extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  static made: FakeStream[] = [];

  readyState: number = FakeStream.CONNECTING;

  constructor(readonly url: string) {
    super();
    FakeStream.made.push(this);
  }

  close(): void {
    this.readyState = FakeStream.CLOSED;
  }

  opens(): void {
    this.readyState = FakeStream.OPEN;
    this.dispatchEvent(new Event('open'));
  }

  tells(kind: string, data = JSON.stringify({ kind, ref: null })): void {
    this.dispatchEvent(new MessageEvent(kind, { data }));
  }

  /** `given up`: the browser does not come back by itself, as after a refusal. */
  fails(how: 'comes back' | 'given up'): void {
    this.readyState = how === 'given up' ? FakeStream.CLOSED : FakeStream.CONNECTING;
    this.dispatchEvent(new Event('error'));
  }
}

export function lastStream(): FakeStream {
  const last = FakeStream.made.at(-1);
  if (last === undefined) throw new Error('no stream was opened');
  return last;
}
