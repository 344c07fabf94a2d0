import { ApiProblem } from './api/problem';

/** An error as a sentence for people. Programming errors keep their text: it is all there is to report. */
export function problemText(error: unknown): string {
  if (error instanceof ApiProblem) return sentence(error.detail);
  return error instanceof Error ? sentence(error.message) : 'The console met an error it does not know.';
}

/** The text a supporter needs: no names, no secrets, only where and what. */
export function problemDetails(error: unknown, at: Date = new Date()): string {
  const lines = [`Time: ${at.toISOString()}`, `Page: ${location.pathname}`];
  if (error instanceof ApiProblem) {
    lines.push(`Status: ${error.status}`, `Code: ${error.code}`, `Correlation id: ${error.correlationId ?? 'none'}`);
  }
  lines.push(`Text: ${problemText(error)}`);
  return lines.join('\n');
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const start = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.?!…]$/.test(start) ? start : `${start}.`;
}
