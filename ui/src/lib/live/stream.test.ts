import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeStream, lastStream } from '../testing/fakeStream';
import type { StreamListener } from './stream';
import { LiveStream } from './stream';

const listener = {
  onEvent: vi.fn<StreamListener['onEvent']>(),
  onResync: vi.fn<StreamListener['onResync']>(),
  onState: vi.fn<StreamListener['onState']>(),
  onRefused: vi.fn<StreamListener['onRefused']>(),
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', FakeStream);
  FakeStream.made = [];
  for (const told of Object.values(listener)) told.mockReset();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('the stream of events', () => {
  it('tells kinds and ids, and leaves out what it cannot read', () => {
    new LiveStream(listener).open();
    expect(lastStream().url).toBe('/bff/stream');
    lastStream().opens();
    lastStream().tells('account.updated', '{"kind":"account.updated","ref":"a"}');
    lastStream().tells('account.updated', '{"kind":"account.updated","ref":7}');
    lastStream().tells('account.updated', 'not JSON');
    lastStream().tells('account.updated', '[]');
    expect(listener.onEvent.mock.calls).toEqual([[{ kind: 'account.updated', ref: 'a' }], [{ kind: 'account.updated', ref: null }]]);
  });

  it('leaves it to the browser to come back with Last-Event-ID, so that nothing is missed', () => {
    new LiveStream(listener).open();
    lastStream().opens();
    lastStream().fails('comes back');
    vi.advanceTimersByTime(60_000);
    expect(FakeStream.made).toHaveLength(1);
    lastStream().opens();
    expect(listener.onState.mock.calls.flat()).toEqual(['connecting', 'live', 'connecting', 'live']);
    expect(listener.onResync).not.toHaveBeenCalled();
  });

  it('is opened anew when the browser gave it up, later each time, and then asks for everything', () => {
    new LiveStream(listener).open();
    lastStream().fails('given up');
    expect(listener.onRefused).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1999);
    expect(FakeStream.made).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(FakeStream.made).toHaveLength(2);
    lastStream().fails('given up');
    expect(listener.onState).toHaveBeenLastCalledWith('polling');
    vi.advanceTimersByTime(4000);
    expect(FakeStream.made).toHaveLength(3);
    lastStream().opens();
    expect(listener.onResync).toHaveBeenCalledTimes(1);
    expect(listener.onState).toHaveBeenLastCalledWith('live');
  });

  it('waits half a minute at most', () => {
    new LiveStream(listener).open();
    for (let failure = 0; failure < 10; failure += 1) {
      lastStream().fails('given up');
      vi.advanceTimersByTime(30_000);
    }
    expect(FakeStream.made).toHaveLength(11);
  });

  it('does not come back when it was closed', () => {
    const stream = new LiveStream(listener);
    stream.open();
    const source = lastStream();
    source.fails('given up');
    stream.close();
    source.fails('given up');
    vi.advanceTimersByTime(60_000);
    expect(FakeStream.made).toHaveLength(1);
  });
});
