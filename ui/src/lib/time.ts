import { useSyncExternalStore } from 'react';
import { onPreference, preference } from './preferences';

export type Zone = 'local' | 'utc';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TICK = 15 * SECOND;

/** IANA name of the chosen zone, as the api wants it. */
export function zoneName(zone: Zone = preference('zone')): string {
  return zone === 'utc' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function useZone(): Zone {
  return useSyncExternalStore(onPreference, () => preference('zone'));
}

/** "22 Nov 2026, 18:05:59 UTC": never without its zone. */
export function formatTime(at: string | Date, zone: Zone = preference('zone')): string {
  const parts = partsOf(at, zone, { second: '2-digit', timeZoneName: 'short' });
  return `${parts['day']} ${parts['month']} ${parts['year']}, ${clock(parts)}:${parts['second']} ${parts['timeZoneName']}`;
}

/** "14:02:11 UTC", for times of today. */
export function formatClock(at: string | Date, zone: Zone = preference('zone')): string {
  const parts = partsOf(at, zone, { second: '2-digit', timeZoneName: 'short' });
  return `${clock(parts)}:${parts['second']} ${parts['timeZoneName']}`;
}

/** "22 Nov 2026", for days. */
export function formatDay(at: string | Date, zone: Zone = preference('zone')): string {
  const parts = partsOf(at, zone, {});
  return `${parts['day']} ${parts['month']} ${parts['year']}`;
}

/** Without a zone, only for axes of charts whose zone is printed under them. */
export function formatAxis(at: Date, bucketSeconds: number, zone: Zone = preference('zone')): string {
  const parts = partsOf(at, zone, {});
  return bucketSeconds >= DAY / SECOND ? `${parts['day']} ${parts['month']}` : clock(parts);
}

/** "4 minutes ago", "in 3 days". */
export function formatRelative(at: string | Date, now: number = Date.now()): string {
  const distance = new Date(at).getTime() - now;
  const away = Math.abs(distance);
  if (away < 10 * SECOND) return distance > 0 ? 'in a moment' : 'just now';
  if (away < MINUTE) return ago(distance, SECOND, 'second');
  if (away < HOUR) return ago(distance, MINUTE, 'minute');
  if (away < 2 * DAY) return ago(distance, HOUR, 'hour');
  if (away < 61 * DAY) return ago(distance, DAY, 'day');
  return away < 731 * DAY ? ago(distance, 30.44 * DAY, 'month') : ago(distance, 365.25 * DAY, 'year');
}

/** "340 ms", "2.4 s", "2 m 10 s", "3 h 5 m", "2 d 4 h". */
export function formatDuration(milliseconds: number): string {
  const rounded = Math.max(0, Math.round(milliseconds));
  if (rounded < SECOND) return `${rounded} ms`;
  if (rounded < 10 * SECOND) return `${Number((rounded / SECOND).toFixed(1))} s`;
  const seconds = Math.round(rounded / SECOND);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return pair(seconds, 60, 'm', 1, 's');
  if (seconds < 86_400) return pair(seconds, 3600, 'h', 60, 'm');
  return pair(seconds, 86_400, 'd', 3600, 'h');
}

/** The present, renewed every 15 seconds, for texts such as "4 minutes ago". */
export function useNow(): number {
  return useSyncExternalStore(onTick, () => present);
}

/** `formatRelative`, kept current. What happened since the last tick is past, not "in 8 seconds". */
export function useRelative(at: string): string {
  return formatRelative(at, useSyncExternalStore(onTick, () => presentAfter(at)));
}

let present = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const watchers = new Set<() => void>();

function presentAfter(at: string): number {
  const happened = new Date(at).getTime();
  if (happened > present && happened <= Date.now()) present = Date.now();
  return present;
}

function onTick(watcher: () => void): () => void {
  watchers.add(watcher);
  if (timer === undefined) {
    // Nobody kept it while nobody watched: React reads it again right after this.
    present = Date.now();
    timer = setInterval(tick, TICK);
  }
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  present = Date.now();
  for (const watcher of watchers) watcher();
}

function ago(distance: number, unit: number, name: Intl.RelativeTimeFormatUnit): string {
  return new Intl.RelativeTimeFormat('en', { numeric: 'always' }).format(Math.trunc(distance / unit), name);
}

function pair(seconds: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)} ${bigName}${rest > 0 ? ` ${rest} ${smallName}` : ''}`;
}

type Parts = Partial<Record<Intl.DateTimeFormatPartTypes, string>>;

function partsOf(at: string | Date, zone: Zone, more: Intl.DateTimeFormatOptions): Parts {
  const options: Intl.DateTimeFormatOptions = {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zoneName(zone),
    ...more,
  };
  const parts = new Intl.DateTimeFormat('en-GB', options).formatToParts(new Date(at));
  return Object.fromEntries(parts.map((part) => [part.type, part.value]));
}

function clock(parts: Parts): string {
  return `${parts['hour']}:${parts['minute']}`;
}
