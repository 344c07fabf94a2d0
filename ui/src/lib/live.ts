import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { Activity } from './live/activity';
import { Coalescer } from './live/coalesce';
import type { LiveEvent } from './live/kinds';
import { keysOf } from './live/kinds';
import { LiveStream } from './live/stream';
import type { TabMessage } from './live/tabs';
import { Tabs, tabsCanShare } from './live/tabs';
import { onPreference, preference } from './preferences';
import { SESSION_KEY } from './session';

export type LiveState = 'connecting' | 'live' | 'polling' | 'paused';

export interface LiveStatus {
  state: LiveState;
  /** Since when it is so. */
  since: number;
  /** Why it is not live, in words. */
  why: string | null;
}

const POLL_EVERY = 15_000;
const LOOK_AROUND_EVERY = 30_000;
const WHY: Record<LiveState, string | null> = {
  connecting: null,
  live: null,
  polling: 'Live updates do not get through. The page asks every 15 seconds.',
  paused: 'Live updates are paused.',
};
const WHY_INSECURE = 'Live updates need HTTPS or localhost. The page asks every 15 seconds.';
const WHY_IDLE = 'Paused because nobody used this page for a while. Any key or click goes on.';

let status: LiveStatus = { state: 'connecting', since: Date.now(), why: null };
const watchers = new Set<() => void>();

/** How the page learns of changes just now. */
export function useLive(): LiveStatus {
  return useSyncExternalStore(watch, () => status);
}

/** Keeps what the page shows up to date until the returned function is called. */
export function startLive(client: QueryClient): () => void {
  const live = new Live(client);
  live.start();
  return () => live.stop();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function say(state: LiveState, why: string | null = WHY[state]): void {
  if (status.state === state && status.why === why) return;
  status = { state, since: Date.now(), why };
  for (const watcher of watchers) watcher();
}

class Live {
  private readonly stream: LiveStream;
  private readonly tabs: Tabs | null;
  private readonly activity: Activity;
  private readonly coalescer: Coalescer;
  private readonly timers: ReturnType<typeof setInterval>[] = [];
  private leads = false;
  private asleep = false;
  private connection: 'connecting' | 'live' | 'polling' = 'connecting';
  private saidActiveAt = 0;
  private forgetPreference: (() => void) | undefined;

  constructor(private readonly client: QueryClient) {
    this.coalescer = new Coalescer((key) => this.ask(key));
    this.activity = new Activity(() => this.used());
    this.tabs = tabsCanShare() ? new Tabs((message) => this.hear(message)) : null;
    this.stream = new LiveStream({
      onEvent: (event) => this.spread({ type: 'event', value: event }),
      onResync: () => this.spread({ type: 'resync' }),
      onState: (state) => this.spread({ type: 'state', value: state }),
      onRefused: () => this.checkSession(),
    });
  }

  start(): void {
    this.timers.push(setInterval(() => this.poll(), POLL_EVERY), setInterval(() => this.lookAround(), LOOK_AROUND_EVERY));
    this.forgetPreference = onPreference(() => this.pausedOrNot());
    if (this.tabs === null) this.connection = 'polling';
    this.tabs?.standForLeader(() => this.lead());
    this.tabs?.tell({ type: 'hello' });
    this.show();
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.forgetPreference?.();
    this.activity.stop();
    this.coalescer.stop();
    this.stream.close();
    this.tabs?.leave();
    say('connecting');
  }

  private get paused(): boolean {
    return preference('live') === 'paused';
  }

  /** What was told between the last leader's end and now is unknown, so everything is asked for anew. */
  private lead(): void {
    this.leads = true;
    this.stream.open(this.connection !== 'connecting');
  }

  private spread(message: TabMessage): void {
    this.tabs?.tell(message);
    this.hear(message);
  }

  private hear({ type, value }: TabMessage): void {
    if (type === 'event') this.changed(value as LiveEvent);
    if (type === 'resync') this.refresh();
    if (type === 'active') this.used(false);
    if (type === 'hello' && this.leads) this.tabs?.tell({ type: 'state', value: this.connection });
    if (type === 'state') {
      this.connection = value as typeof this.connection;
      this.show();
    }
  }

  private changed(event: LiveEvent): void {
    if (this.paused) return;
    for (const key of keysOf(event)) this.coalescer.changed(key);
  }

  /** A hidden tab only notes that what it has is old; it asks when it is looked at. */
  private ask(queryKey: readonly unknown[]): void {
    void this.client.invalidateQueries({ queryKey, refetchType: document.hidden ? 'none' : 'active' });
  }

  private refresh(): void {
    if (this.paused) return;
    for (const service of ['api', 'auth']) this.ask([service]);
  }

  private poll(): void {
    if (this.connection === 'polling' && !document.hidden && !this.asleep) this.refresh();
  }

  private lookAround(): void {
    if (this.asleep || !this.activity.isIdle()) return;
    this.asleep = true;
    this.stream.close();
    this.show();
  }

  private used(here = true): void {
    const now = Date.now();
    if (here && now - this.saidActiveAt > LOOK_AROUND_EVERY) {
      this.saidActiveAt = now;
      this.tabs?.tell({ type: 'active' });
    }
    if (!here) this.activity.elsewhere();
    if (this.asleep) this.wake();
  }

  private wake(): void {
    this.asleep = false;
    if (this.leads) this.stream.open(true);
    this.refresh();
    this.show();
  }

  private pausedOrNot(): void {
    if (!this.paused && status.state === 'paused') this.refresh();
    this.show();
  }

  private show(): void {
    if (this.paused) say('paused');
    else if (this.asleep) say('paused', WHY_IDLE);
    else if (this.connection === 'polling' && this.tabs === null) say('polling', WHY_INSECURE);
    else say(this.connection);
  }

  /** The shell leaves for the sign-in page when the session is gone; other failures are the stream's own matter. */
  private checkSession(): void {
    void this.client.invalidateQueries({ queryKey: SESSION_KEY });
  }
}
