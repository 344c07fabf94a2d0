import { describe, expect, it } from 'vitest';
import { readLines } from './ndjson';

function streamOf(...pieces: string[]): { body: ReadableStream<Uint8Array>; wasCancelled: () => boolean } {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      if (!pieces.includes('…open')) controller.close();
    },
    cancel() {
      cancelled = true;
    },
  });
  return { body, wasCancelled: () => cancelled };
}

async function all(body: ReadableStream<Uint8Array>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const value of readLines(body)) found.push(value);
  return found;
}

describe('readLines', () => {
  it('puts lines together that came in pieces', async () => {
    expect(await all(streamOf('{"a":1}\n{"b', '":2}\n').body)).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('drops a line that was cut off', async () => {
    expect(await all(streamOf('{"a":1}\n{"b":').body)).toEqual([{ a: 1 }]);
  });

  it('refuses what is no JSON', async () => {
    await expect(all(streamOf('<html>\n').body)).rejects.toThrow(SyntaxError);
  });

  it('tells the sender when the reader leaves early', async () => {
    const { body, wasCancelled } = streamOf('{"a":1}\n', '…open');
    for await (const value of readLines(body)) {
      expect(value).toEqual({ a: 1 });
      break;
    }
    expect(wasCancelled()).toBe(true);
  });
});
