// An unattended page must not keep its session alive for ever: it asks nothing after this long without input.
export const IDLE_AFTER = 15 * 60_000;

const INPUTS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/** When somebody last did something here, in any tab. */
export class Activity {
  private last = Date.now();

  constructor(private readonly onInput: () => void) {
    for (const name of INPUTS) addEventListener(name, this.seen, { passive: true });
    document.addEventListener('visibilitychange', this.shown);
  }

  isIdle(now = Date.now()): boolean {
    return now - this.last > IDLE_AFTER;
  }

  /** Another tab is in use. */
  elsewhere(): void {
    this.last = Date.now();
  }

  stop(): void {
    for (const name of INPUTS) removeEventListener(name, this.seen);
    document.removeEventListener('visibilitychange', this.shown);
  }

  private readonly seen = (): void => {
    this.last = Date.now();
    this.onInput();
  };

  private readonly shown = (): void => {
    if (!document.hidden) this.seen();
  };
}
