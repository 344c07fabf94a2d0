// @vitest-environment jsdom
import { QueryClient } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startLive, useLive } from './live';
import { IDLE_AFTER } from './live/activity';
import { setPreference } from './preferences';
import { FakeStream, lastStream } from './testing/fakeStream';
import { FakeChannel, FakeLocks } from './testing/fakeTabs';

const stops: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  FakeStream.made = [];
  FakeChannel.open.clear();
  vi.stubGlobal('EventSource', FakeStream);
  vi.stubGlobal('BroadcastChannel', FakeChannel);
  Object.defineProperty(navigator, 'locks', { value: new FakeLocks(), configurable: true });
});

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  setPreference('live', 'on');
  Reflect.deleteProperty(navigator, 'locks');
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A tab of the console, and the keys it asked for anew. */
function openTab() {
  const client = new QueryClient();
  const asked: string[] = [];
  vi.spyOn(client, 'invalidateQueries').mockImplementation(async (filters) => {
    asked.push((filters?.queryKey ?? []).join('/'));
  });
  const stop = startLive(client);
  stops.push(stop);
  return { asked, stop };
}

describe('live updates of one tab', () => {
  it('ask for what an event made old, and tell that they are live', async () => {
    const { asked } = openTab();
    const { result } = renderHook(() => useLive());
    await act(async () => lastStream().opens());
    expect(result.current.state).toBe('live');
    act(() => lastStream().tells('subscription.updated'));
    expect(asked).toEqual(['api/subscriptions', 'api/gaps', 'api/accounts', 'api/overview']);
  });

  it('ask for everything when the server cannot say what was missed', async () => {
    const { asked } = openTab();
    await act(async () => lastStream().opens());
    act(() => lastStream().tells('resync'));
    expect(asked).toEqual(['api', 'auth']);
  });

  it('ask every 15 seconds while the stream does not get through, and stop that when it does', async () => {
    const { asked } = openTab();
    const { result } = renderHook(() => useLive());
    await act(async () => lastStream().fails('comes back'));
    expect(result.current.state).toBe('connecting');
    act(() => lastStream().fails('comes back'));
    expect(result.current.state).toBe('polling');
    expect(result.current.why).toMatch(/every 15 seconds/);
    act(() => vi.advanceTimersByTime(15_000));
    expect(asked).toEqual(['api', 'auth']);
    act(() => lastStream().opens());
    act(() => vi.advanceTimersByTime(60_000));
    expect(asked).toEqual(['api', 'auth']);
  });

  it('look whether the session is still there when the stream is refused', async () => {
    const { asked } = openTab();
    await act(async () => lastStream().fails('given up'));
    expect(asked).toEqual(['bff/session']);
  });

  it('ask nothing while they are paused, and for everything afterwards', async () => {
    const { asked } = openTab();
    const { result } = renderHook(() => useLive());
    await act(async () => lastStream().opens());
    act(() => setPreference('live', 'paused'));
    act(() => lastStream().tells('message.created'));
    expect(result.current.state).toBe('paused');
    expect(asked).toEqual([]);
    act(() => setPreference('live', 'on'));
    expect(result.current.state).toBe('live');
    expect(asked).toEqual(['api', 'auth']);
  });

  it('rest when nobody is there, so that the session can end, and come back with a key', async () => {
    const { asked } = openTab();
    const { result } = renderHook(() => useLive());
    await act(async () => lastStream().opens());
    act(() => vi.advanceTimersByTime(IDLE_AFTER + 60_000));
    expect(result.current.state).toBe('paused');
    expect(lastStream().readyState).toBe(FakeStream.CLOSED);
    act(() => void dispatchEvent(new KeyboardEvent('keydown', { key: 'a' })));
    expect(FakeStream.made).toHaveLength(2);
    expect(asked).toEqual(['api', 'auth']);
  });

  it('poll where browsers give no locks', () => {
    Reflect.deleteProperty(navigator, 'locks');
    const { asked } = openTab();
    const { result } = renderHook(() => useLive());
    expect(result.current.why).toMatch(/need HTTPS/);
    act(() => vi.advanceTimersByTime(15_000));
    expect(asked).toEqual(['api', 'auth']);
    expect(FakeStream.made).toHaveLength(0);
  });
});

describe('live updates of several tabs', () => {
  it('share one stream', async () => {
    const first = openTab();
    const second = openTab();
    await act(async () => lastStream().opens());
    act(() => lastStream().tells('replay.progress'));
    expect(FakeStream.made).toHaveLength(1);
    expect(first.asked).toEqual(['api/replays']);
    expect(second.asked).toEqual(['api/replays']);
  });

  it('go on in another tab when the first is closed, without a gap', async () => {
    const first = openTab();
    await act(async () => lastStream().opens());
    const second = openTab();
    await act(async () => first.stop());
    await act(async () => vi.advanceTimersByTimeAsync(0));
    expect(FakeStream.made).toHaveLength(2);
    expect(second.asked).toEqual([]);
    act(() => lastStream().opens());
    expect(second.asked).toEqual(['api', 'auth']);
  });

  it('stay awake in all while one is used', async () => {
    openTab();
    openTab();
    const { result } = renderHook(() => useLive());
    await act(async () => lastStream().opens());
    act(() => vi.advanceTimersByTime(IDLE_AFTER - 60_000));
    const other = new FakeChannel('flovify-live');
    act(() => other.postMessage({ type: 'active' })); // oxlint-disable-line unicorn/require-post-message-target-origin -- a channel of one origin
    act(() => vi.advanceTimersByTime(120_000));
    expect(result.current.state).toBe('live');
  });
});
