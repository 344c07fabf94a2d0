import { http, HttpResponse } from 'msw';
import { describe, expect, it, vi } from 'vitest';
import { problem } from '../test/render';
import { server } from '../test/server';
import { ApiProblem, request } from './api/client';
import { onSessionLost } from './api/sessionLost';
import { problemDetails, problemText } from './problemText';

async function refusal(answer: () => Response): Promise<ApiProblem> {
  server.use(http.get('*/bff/api/thing', answer));
  const error = await request('GET', '/api/thing').catch((caught: unknown) => caught);
  if (!(error instanceof ApiProblem)) throw new Error('no refusal', { cause: error });
  return error;
}

describe('a refusal', () => {
  it('is told in the words of the service, as a sentence', async () => {
    const error = await refusal(() => problem(409, 'last_administrator', 'the last administrator stays'));
    expect(error).toMatchObject({ status: 409, code: 'last_administrator' });
    expect(problemText(error)).toBe('The last administrator stays.');
  });

  it('keeps what else it says', async () => {
    const error = await refusal(() => problem(409, 'account_mismatch', 'Another account.', { expected: 'a@b.example' }));
    expect(error.extra).toEqual({ expected: 'a@b.example' });
  });

  it('says how long to wait, in the body or in the header', async () => {
    expect((await refusal(() => problem(429, 'slow', 'Wait.', { retry_after: 2.2 }))).retryAfter).toBe(3);
    expect((await refusal(() => new HttpResponse('', { status: 429, headers: { 'Retry-After': '20' } }))).retryAfter).toBe(20);
    expect((await refusal(() => problem(429, 'slow', 'Wait.'))).retryAfter).toBeNull();
  });

  it('of something in between has words too', async () => {
    const error = await refusal(() => HttpResponse.html('<h1>Bad gateway</h1>', { status: 502, headers: { 'X-Correlation-Id': 'c-1' } }));
    expect(error).toMatchObject({ code: 'http_502', correlationId: 'c-1' });
    expect(problemText(error)).toBe('The service answered with an error (502).');
    expect(problemText(await refusal(() => HttpResponse.json([1], { status: 400 })))).toBe('The request was refused (400).');
  });

  it('that is no answer at all says what to look at', async () => {
    const error = await refusal(() => HttpResponse.error());
    expect(error.status).toBe(0);
    expect(problemText(error)).toBe('Flovify does not answer. Is it running, and are you online?');
  });

  it('has details to copy, without what was asked for', async () => {
    const details = problemDetails(await refusal(() => problem(500, 'broken', 'It broke.')), new Date(0));
    expect(details).toContain('Time: 1970-01-01T00:00:00.000Z');
    expect(details).toContain('Correlation id: c0ffee00-0000-4000-8000-000000000000');
    expect(details).toContain('Code: broken');
  });

  it('for want of a session has the session looked at; other refusals do not', async () => {
    const lost = vi.fn<() => void>();
    const forget = onSessionLost(lost);
    await refusal(() => problem(403, 'forbidden', 'No.'));
    expect(lost).not.toHaveBeenCalled();
    await refusal(() => problem(401, 'not_signed_in', 'Sign in.'));
    expect(lost).toHaveBeenCalledTimes(1);
    forget();
  });
});

describe('a call', () => {
  it('carries the header that no form of another site can send', async () => {
    let sent: Headers | undefined;
    server.use(
      http.post('*/bff/api/thing', ({ request: call }) => {
        sent = call.headers;
        return new HttpResponse(null, { status: 204 });
      }),
    );
    await expect(request('POST', '/api/thing', { body: { a: 1 } })).resolves.toBeUndefined();
    expect(sent?.get('x-flovify')).toBe('1');
    expect(sent?.get('content-type')).toBe('application/json');
  });

  it('that was given up is no refusal', async () => {
    const giveUp = new AbortController();
    giveUp.abort();
    const error = await request('GET', '/api/thing', { signal: giveUp.signal }).catch((caught: unknown) => caught);
    expect(error).not.toBeInstanceOf(ApiProblem);
    expect(error).toHaveProperty('name', 'AbortError');
  });
});
