import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Coalescer } from './coalesce';

const EVENTS = ['api', 'events'];
const OVERVIEW = ['api', 'overview'];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('many changes of one thing', () => {
  it('are asked for at once, and then once a second at most', () => {
    const ask = vi.fn<(key: readonly unknown[]) => void>();
    const coalescer = new Coalescer(ask);
    for (let change = 0; change < 50; change += 1) {
      coalescer.changed(EVENTS);
      vi.advanceTimersByTime(100);
    }
    vi.advanceTimersByTime(1000);
    expect(ask).toHaveBeenCalledTimes(6);
    vi.advanceTimersByTime(10_000);
    expect(ask).toHaveBeenCalledTimes(6);
  });

  it('never lose the last one', () => {
    const ask = vi.fn<(key: readonly unknown[]) => void>();
    const coalescer = new Coalescer(ask);
    coalescer.changed(EVENTS);
    vi.advanceTimersByTime(999);
    coalescer.changed(EVENTS);
    expect(ask).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('wait for one another only within their key, and the dear ones longer', () => {
    const ask = vi.fn<(key: readonly unknown[]) => void>();
    const coalescer = new Coalescer(ask);
    for (const key of [EVENTS, OVERVIEW, EVENTS, OVERVIEW]) coalescer.changed(key);
    expect(ask.mock.calls).toEqual([[EVENTS], [OVERVIEW]]);
    vi.advanceTimersByTime(1000);
    expect(ask).toHaveBeenCalledTimes(3);
    vi.advanceTimersByTime(2000);
    expect(ask).toHaveBeenCalledTimes(4);
    expect(ask).toHaveBeenLastCalledWith(OVERVIEW);
  });

  it('are forgotten when it is stopped', () => {
    const ask = vi.fn<(key: readonly unknown[]) => void>();
    const coalescer = new Coalescer(ask);
    coalescer.changed(EVENTS);
    coalescer.changed(EVENTS);
    coalescer.stop();
    vi.advanceTimersByTime(5000);
    expect(ask).toHaveBeenCalledTimes(1);
  });
});
