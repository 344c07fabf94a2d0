import { render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setPreference } from './preferences';
import { formatAxis, formatClock, formatDay, formatDuration, formatRelative, formatTime, useRelative, zoneName } from './time';

const AT = '2026-11-22T18:05:59Z';
const NOW = Date.parse(AT);

afterEach(() => setPreference('zone', 'local'));

describe('times', () => {
  it('are never without their zone', () => {
    expect(formatTime(AT, 'utc')).toBe('22 Nov 2026, 18:05:59 UTC');
    expect(formatClock(AT, 'utc')).toBe('18:05:59 UTC');
    expect(formatDay(AT, 'utc')).toBe('22 Nov 2026');
    expect(formatClock('2026-11-22T00:00:00Z', 'utc')).toBe('00:00:00 UTC');
  });

  it('follow the chosen zone', () => {
    setPreference('zone', 'utc');
    expect(zoneName()).toBe('UTC');
    expect(formatTime(AT)).toBe('22 Nov 2026, 18:05:59 UTC');
    setPreference('zone', 'local');
    expect(zoneName()).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
  });

  it('are days on axes of long periods and hours on those of short ones', () => {
    expect(formatAxis(new Date(AT), 86_400, 'utc')).toBe('22 Nov');
    expect(formatAxis(new Date(AT), 3600, 'utc')).toBe('18:05');
  });
});

const SECOND = 1000;
const DAY = 86_400 * SECOND;

describe('distances', () => {
  it.each([
    [-4 * SECOND, 'just now'],
    [4 * SECOND, 'in a moment'],
    [-30 * SECOND, '30 seconds ago'],
    [-119 * SECOND, '1 minute ago'],
    [240 * SECOND, 'in 4 minutes'],
    [-47 * 3600 * SECOND, '47 hours ago'],
    [3 * DAY, 'in 3 days'],
    [-60 * DAY, '60 days ago'],
    [-61 * DAY, '2 months ago'],
    [-730 * DAY, '23 months ago'],
    [-731 * DAY, '2 years ago'],
  ])('%i ms are "%s"', (distance, text) => {
    expect(formatRelative(new Date(NOW + distance), NOW)).toBe(text);
  });
});

function Since({ at }: { at: string }) {
  return <p>{useRelative(at)}</p>;
}

describe('a distance on a page', () => {
  afterEach(() => vi.useRealTimers());

  it('is counted from when the page was opened, not from when the program was', () => {
    vi.useFakeTimers({ now: Date.now() + 40 * SECOND });
    render(<Since at={new Date(Date.now() - 20 * SECOND).toISOString()} />);
    expect(screen.getByText('20 seconds ago')).toBeVisible();
  });

  it('is never ahead of what has just happened', () => {
    vi.useFakeTimers({ now: NOW });
    const { rerender } = render(<Since at={AT} />);
    vi.setSystemTime(NOW + 12 * SECOND);
    rerender(<Since at={new Date(NOW + 11 * SECOND).toISOString()} />);
    expect(screen.getByText('just now')).toBeVisible();
    rerender(<Since at={new Date(NOW + 320 * SECOND).toISOString()} />);
    expect(screen.getByText('in 5 minutes')).toBeVisible();
  });
});

describe('durations', () => {
  it.each([
    [-5, '0 ms'],
    [340, '340 ms'],
    [999.6, '1 s'],
    [2400, '2.4 s'],
    [9990, '10 s'],
    [59_700, '1 m'],
    [130_000, '2 m 10 s'],
    [3 * 3_600_000 + 5 * 60_000, '3 h 5 m'],
    [2 * DAY + 4 * 3_600_000, '2 d 4 h'],
    [7 * DAY, '7 d'],
  ])('%d ms are "%s"', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});
