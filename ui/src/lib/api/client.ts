import { ApiProblem, problemOf, silence } from './problem';
import { sessionLost } from './sessionLost';

export { ApiProblem } from './problem';

export const BASE = '/bff';

export type Query = Record<string, string | number | boolean | null | undefined | readonly string[]>;

interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

type Fetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

/** `fetch` for the front door: what is no success becomes an ApiProblem; a 401 has the shell look at the session. */
export const frontDoorFetch: Fetch = async (input, init) => {
  const response = await answered(new Request(input, init));
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.status === 401 && !response.url.endsWith('/session')) sessionLost();
  throw problem;
};

/** A call that the generated client does not know, such as those of the session. Raises ApiProblem. */
export async function request<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const { query, body, signal } = options;
  const headers = body === undefined ? undefined : { 'Content-Type': 'application/json' };
  const response = await frontDoorFetch(new URL(BASE + path + queryText(query), location.origin), {
    method,
    ...(headers && { headers, body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** `?a=1&b=2` without what is empty; nothing for no query. */
export function queryText(query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

async function answered(call: Request): Promise<Response> {
  call.headers.set('X-Flovify', '1'); // no form of another site can send it
  try {
    return await fetch(call);
  } catch (error) {
    if (call.signal.aborted) throw error; // nobody waits for the answer any more
    throw silence();
  }
}

export function isProblem(error: unknown, code: string): error is ApiProblem {
  return error instanceof ApiProblem && error.code === code;
}
