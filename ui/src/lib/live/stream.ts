import type { LiveEvent } from './kinds';
import { KINDS } from './kinds';

const URL_OF_STREAM = '/bff/stream';
const FAILURES_UNTIL_POLLING = 2;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
// The server pings every 15 seconds with a comment, which a browser does not tell; silence of the connection is its matter.

export interface StreamListener {
  onEvent: (event: LiveEvent) => void;
  /** Something may have been missed: everything is to be asked for anew. */
  onResync: () => void;
  onState: (state: 'connecting' | 'live' | 'polling') => void;
  /** The stream was refused: maybe the session ended. */
  onRefused: () => void;
}

/** One connection to the stream of events, for all tabs of this browser. It comes back by itself. */
export class LiveStream {
  private source: EventSource | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private missed = false;

  constructor(private readonly listener: StreamListener) {}

  /** `missed`: something may have happened before, so once it is open everything is asked for anew. */
  open(missed = false): void {
    this.close();
    this.missed ||= missed;
    this.listener.onState(this.failures < FAILURES_UNTIL_POLLING ? 'connecting' : 'polling');
    const source = new EventSource(URL_OF_STREAM);
    this.source = source;
    source.addEventListener('open', () => this.opened());
    source.addEventListener('error', () => this.failed(source));
    source.addEventListener('resync', () => this.listener.onResync());
    for (const kind of ['message', ...KINDS]) source.addEventListener(kind, (event) => this.heard(event));
  }

  close(): void {
    clearTimeout(this.retry);
    this.source?.close();
    this.source = null;
  }

  private opened(): void {
    this.failures = 0;
    this.listener.onState('live');
    if (this.missed) this.listener.onResync();
    this.missed = false;
  }

  private heard(event: MessageEvent<string>): void {
    const told = parsed(event.data);
    if (told !== null) this.listener.onEvent(told);
  }

  /** While the browser reconnects it sends Last-Event-ID itself; a connection it gave up is opened anew. */
  private failed(source: EventSource): void {
    if (source !== this.source) return;
    this.failures += 1;
    this.listener.onState(this.failures < FAILURES_UNTIL_POLLING ? 'connecting' : 'polling');
    if (source.readyState !== EventSource.CLOSED) return;
    this.missed = true;
    this.close();
    this.listener.onRefused();
    this.retry = setTimeout(() => this.open(), Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures));
  }
}

function parsed(data: string): LiveEvent | null {
  try {
    const found: unknown = JSON.parse(data);
    if (typeof found !== 'object' || found === null || !('kind' in found)) return null;
    const ref = 'ref' in found && typeof found.ref === 'string' ? found.ref : null;
    return { kind: String(found.kind), ref };
  } catch {
    return null; // an event of a newer server
  }
}
