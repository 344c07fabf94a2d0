/**
 * The objects of an NDJSON stream, each as soon as its line is complete. A line that is cut off at the end is dropped:
 * what was not said whole was not said. Raises SyntaxError for a line that is no JSON.
 */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let ended = false;
  try {
    while (!ended) {
      // oxlint-disable-next-line no-await-in-loop -- a stream is read piece by piece
      const { done, value } = await reader.read();
      ended = done;
      const lines = (rest + decoder.decode(value, { stream: !done })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') yield JSON.parse(line);
    }
  } finally {
    // Whoever leaves early says so: the service then stops waiting, and removes what it made at Microsoft.
    if (!ended) await reader.cancel();
  }
}
