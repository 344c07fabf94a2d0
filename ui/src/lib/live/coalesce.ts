import type { QueryKey } from '@tanstack/react-query';
import { pauseOf } from './kinds';

interface Waiting {
  timer: ReturnType<typeof setTimeout>;
  again: boolean;
}

/** Many events, few questions: each key is asked at once, then again only after its pause. */
export class Coalescer {
  private readonly waiting = new Map<string, Waiting>();

  constructor(private readonly ask: (key: QueryKey) => void) {}

  changed(key: QueryKey): void {
    const name = JSON.stringify(key);
    const waiting = this.waiting.get(name);
    if (waiting !== undefined) {
      waiting.again = true;
      return;
    }
    this.ask(key);
    this.rest(name, key);
  }

  stop(): void {
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
  }

  private rest(name: string, key: QueryKey): void {
    const timer = setTimeout(() => this.rested(name, key), pauseOf(key));
    this.waiting.set(name, { timer, again: false });
  }

  private rested(name: string, key: QueryKey): void {
    const again = this.waiting.get(name)?.again ?? false;
    this.waiting.delete(name);
    if (again) this.changed(key);
  }
}
