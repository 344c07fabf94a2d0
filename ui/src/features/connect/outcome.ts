/**
 * How a way to Microsoft and back ended, as auth's callback puts it into the address.
 *
 * Anybody can write such an address, so nothing of it is believed: ids must look like ids, and the rest is only ever
 * shown as text, cut to a length.
 */
export type Outcome =
  | { kind: 'connected'; tenantId: string }
  | { kind: 'consent'; organizationId: string; granted: boolean; missing: string[] }
  | { kind: 'failed'; failure: Failure };

export interface Failure {
  code: string;
  /** What the words are looked up by: the closer cause where Microsoft named one. Empty when it is no code of ours. */
  cause: string;
  scope: string;
  expected: string;
  signedIn: string;
  /** What Microsoft's support asks for, in the order it is copied. */
  support: SupportLine[];
}

export interface SupportLine {
  label: string;
  value: string;
}

const PARAMETERS = [
  'connected', 'error', 'reason', 'scope', 'expected', 'signed_in', 'aadsts', 'trace_id', 'correlation_id', 'at',
  'organization', 'consent', 'missing',
] as const;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CODE = /^[a-z0-9_]{1,64}$/;
const MAX_SHOWN = 200;

export function readOutcome(query: URLSearchParams): Outcome | null {
  const code = query.get('error');
  if (code !== null) return { kind: 'failed', failure: failureOf(code, query) };
  const tenantId = query.get('connected') ?? '';
  if (UUID.test(tenantId)) return { kind: 'connected', tenantId };
  const organizationId = query.get('organization') ?? '';
  if (!UUID.test(organizationId) || !query.has('consent')) return null;
  const missing = shown(query, 'missing').split(' ').filter(Boolean);
  return { kind: 'consent', organizationId, granted: query.get('consent') === 'granted', missing };
}

/** The address without the outcome, for when it was read. */
export function withoutOutcome(query: URLSearchParams): URLSearchParams {
  const rest = new URLSearchParams(query);
  for (const name of PARAMETERS) rest.delete(name);
  return rest;
}

/** One block of text for a ticket. */
export function supportText(lines: readonly SupportLine[]): string {
  return lines.map(({ label, value }) => `${label}: ${value}`).join('\n');
}

function failureOf(code: string, query: URLSearchParams): Failure {
  const reason = shown(query, 'reason');
  const number = shown(query, 'aadsts');
  const support = [
    { label: 'Code', value: code.slice(0, MAX_SHOWN) },
    { label: 'Cause', value: reason },
    { label: "Microsoft's number", value: number && `AADSTS${number}` },
    { label: 'Trace ID', value: shown(query, 'trace_id') },
    { label: 'Correlation ID', value: shown(query, 'correlation_id') },
    { label: 'Timestamp', value: shown(query, 'at') },
  ];
  return {
    code: code.slice(0, MAX_SHOWN),
    cause: [reason, code].find((one) => CODE.test(one)) ?? '',
    scope: shown(query, 'scope'),
    expected: shown(query, 'expected'),
    signedIn: shown(query, 'signed_in'),
    support: support.filter((line) => line.value !== ''),
  };
}

function shown(query: URLSearchParams, name: string): string {
  return (query.get(name) ?? '').slice(0, MAX_SHOWN);
}
