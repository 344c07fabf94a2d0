import { useSyncExternalStore } from 'react';

/** What somebody chose for this browser. Kept in local storage where there is one. */
interface Preferences {
  zone: 'local' | 'utc';
  shortcuts: 'on' | 'off';
  live: 'on' | 'paused';
  density: 'standard' | 'compact';
  checklist: 'shown' | 'dismissed';
}

const DEFAULTS: Preferences = { zone: 'local', shortcuts: 'on', live: 'on', density: 'standard', checklist: 'shown' };
const PREFIX = 'flovify.';
const kept = new Map<keyof Preferences, string>();
const listeners = new Set<() => void>();

export function preference<K extends keyof Preferences>(name: K): Preferences[K] {
  const value = kept.get(name) ?? stored(PREFIX + name);
  return (value ?? DEFAULTS[name]) as Preferences[K];
}

export function setPreference<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  kept.set(name, value);
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

export function usePreference<K extends keyof Preferences>(name: K): [Preferences[K], (value: Preferences[K]) => void] {
  const value = useSyncExternalStore(onPreference, () => preference(name));
  return [value, (chosen) => setPreference(name, chosen)];
}

export function onPreference(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
