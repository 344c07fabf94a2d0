import { useCallback, useEffect, useRef, useState } from 'react';
import { BASE, frontDoorFetch } from '../../../lib/api/client';
import { readLines } from './ndjson';
import type { StepLine } from './steps';
import { readLine } from './steps';

export interface ConnectionTest {
  state: 'idle' | 'running' | 'passed' | 'failed' | 'broken';
  lines: StepLine[];
  /** Why the test itself broke off: refused, or the connection to Flovify was lost. */
  error: unknown;
}

const IDLE: ConnectionTest = { state: 'idle', lines: [], error: null };

/** Runs the test of a connection and tells each step as it ends. Leaving the page ends the test at the service too. */
export function useConnectionTest(tenantId: string): { test: ConnectionTest; run: () => void } {
  const [test, setTest] = useState<ConnectionTest>(IDLE);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const run = useCallback(() => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    const tell = (change: (before: ConnectionTest) => ConnectionTest) => {
      if (!abort.signal.aborted) setTest(change);
    };
    setTest({ ...IDLE, state: 'running' });
    follow(tenantId, abort.signal, tell).catch((error: unknown) => tell((before) => ({ ...before, state: 'broken', error })));
  }, [tenantId]);
  return { test, run };
}

type Tell = (change: (before: ConnectionTest) => ConnectionTest) => void;

async function follow(tenantId: string, signal: AbortSignal, tell: Tell): Promise<void> {
  const url = new URL(`${BASE}/api/tenants/${encodeURIComponent(tenantId)}/test`, location.origin);
  const response = await frontDoorFetch(url, { method: 'POST', signal });
  if (response.body === null) throw new TypeError('The test answered nothing.');
  for await (const value of readLines(response.body)) {
    const line = readLine(value);
    if ('done' in line) return tell((before) => ({ ...before, state: line.ok ? 'passed' : 'failed' }));
    tell((before) => ({ ...before, lines: [...before.lines, line] }));
  }
  throw new TypeError('The connection to Flovify was lost before the test ended. Test again.');
}
