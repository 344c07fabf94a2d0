type Listener = (event: MessageEvent) => void;

/** A BroadcastChannel between the "tabs" of one test: it tells all others of its name, at once. */
export class FakeChannel {
  static open = new Set<FakeChannel>();
  private readonly listeners: Listener[] = [];

  constructor(readonly name: string) {
    FakeChannel.open.add(this);
  }

  addEventListener(_type: string, listener: Listener): void {
    this.listeners.push(listener);
  }

  postMessage(data: unknown): void {
    for (const other of FakeChannel.open) {
      if (other !== this && other.name === this.name) for (const hear of other.listeners) hear(new MessageEvent('message', { data }));
    }
  }

  close(): void {
    FakeChannel.open.delete(this);
  }
}

/** Web locks as far as the console uses them: one holder, the others wait in line until they lose interest. */
export class FakeLocks {
  private readonly line: { hold: () => Promise<void>; signal: AbortSignal; leave: () => void }[] = [];
  private held = false;

  request(_name: string, { signal }: { signal: AbortSignal }, hold: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('left', 'AbortError')));
      this.line.push({ hold, signal, leave: resolve });
      void this.next();
    });
  }

  private async next(): Promise<void> {
    if (this.held) return;
    const first = this.line.shift();
    if (first === undefined) return;
    if (first.signal.aborted) return this.next();
    this.held = true;
    await first.hold();
    this.held = false;
    first.leave();
    return this.next();
  }
}
