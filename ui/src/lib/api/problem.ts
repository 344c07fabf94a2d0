/** A refusal or a failure as the services tell it (RFC 9457), or silence (status 0). */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly correlationId: string | null;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, detail: string, correlationId: string | null, extra: Record<string, unknown> = {}) {
    super(detail);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.correlationId = correlationId;
    this.extra = extra;
  }

  /** Seconds the service asked to wait, when it did. */
  get retryAfter(): number | null {
    const asked = this.extra['retry_after'];
    return typeof asked === 'number' && asked > 0 ? Math.ceil(asked) : null;
  }
}

/** What an answer that is no success says. Never throws: what cannot be read is told by its status alone. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const { title, detail, code, correlation_id, status: _status, type: _type, ...extra } = await bodyOf(response);
  const waits = Number(response.headers.get('retry-after'));
  if (extra['retry_after'] === undefined && waits > 0) extra['retry_after'] = waits;
  return new ApiProblem(
    response.status,
    text(code) ?? `http_${response.status}`,
    text(detail) ?? text(title) ?? withoutWords(response.status),
    text(correlation_id) ?? response.headers.get('x-correlation-id'),
    extra,
  );
}

/** What the browser reports when no answer came at all. */
export function silence(): ApiProblem {
  return new ApiProblem(0, 'unreachable', 'Flovify does not answer. Is it running, and are you online?', null);
}

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const found: unknown = await response.json();
    return typeof found === 'object' && found !== null ? { ...found } : {};
  } catch {
    return {}; // an answer of a proxy in between: its status is all that is known
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function withoutWords(status: number): string {
  if (status >= 500) return `The service answered with an error (${status}).`;
  return `The request was refused (${status}).`;
}
