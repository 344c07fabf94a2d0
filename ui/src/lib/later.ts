import type { ComponentType, LazyExoticComponent } from 'react';
import { lazy } from 'react';

const AFTER_MS = 2000;
const loads: (() => Promise<unknown>)[] = [];

/** A part of the shell that the first view does without: loaded when it is wanted, or by `prefetchLater` before that. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): LazyExoticComponent<ComponentType<Props>> {
  loads.push(load);
  return lazy(async () => ({ default: await load() }));
}

/** Fetch those parts once the page has come to rest: then they open at once, also after an update. */
export function prefetchLater(): void {
  // One that cannot be had now is asked for again when it is wanted.
  setTimeout(() => void Promise.allSettled(loads.map((load) => load())), AFTER_MS);
}
