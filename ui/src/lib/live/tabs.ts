/**
 * One tab of the browser speaks to the server for all: more than six open streams would block every other request
 * (HTTP/1.1). The tab that holds the lock is the one; when it closes, the browser gives the lock to another.
 */
export interface TabMessage {
  type: 'event' | 'resync' | 'state' | 'hello' | 'active';
  value?: unknown;
}

const NAME = 'flovify-live';

export function tabsCanShare(): boolean {
  return 'locks' in navigator && typeof BroadcastChannel !== 'undefined' && typeof EventSource !== 'undefined';
}

export class Tabs {
  private readonly channel = new BroadcastChannel(NAME);
  private readonly leaving = new AbortController();
  private release: (() => void) | undefined;

  constructor(onMessage: (message: TabMessage) => void) {
    this.channel.addEventListener('message', (event: MessageEvent<TabMessage>) => onMessage(event.data));
  }

  /** `lead` is called when this tab becomes the one that speaks, maybe much later. */
  standForLeader(lead: () => void): void {
    const held = () => {
      lead();
      return new Promise<void>((resolve) => (this.release = resolve));
    };
    navigator.locks.request(NAME, { signal: this.leaving.signal }, held).catch((error: unknown) => {
      if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
    });
  }

  tell(message: TabMessage): void {
    this.channel.postMessage(message); // oxlint-disable-line unicorn/require-post-message-target-origin -- a channel of one origin
  }

  leave(): void {
    this.leaving.abort();
    this.release?.();
    this.channel.close();
  }
}
