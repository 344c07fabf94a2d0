import { describe, expect, it } from 'vitest';
import { readOutcome, supportText, withoutOutcome } from './outcome';

const ID = '7d9a1c1e-6f0b-4f43-9b8e-0a1b2c3d4e5f';

function read(query: string) {
  return readOutcome(new URLSearchParams(query));
}

describe('how a way to Microsoft ended', () => {
  it('reads a connected account', () => {
    expect(read(`connected=${ID}`)).toEqual({ kind: 'connected', tenantId: ID });
  });

  it('believes no id that is none', () => {
    expect(read('connected=../../settings')).toBeNull();
    expect(read(`organization=x&consent=granted`)).toBeNull();
  });

  it('takes a filter by organisation for no outcome', () => {
    expect(read(`organization=${ID}`)).toBeNull();
  });

  it('reads a consent with what is missing', () => {
    const outcome = read(`organization=${ID}&consent=pending&missing=Mail.Read%20User.Read.All`);
    expect(outcome).toEqual({ kind: 'consent', organizationId: ID, granted: false, missing: ['Mail.Read', 'User.Read.All'] });
  });

  it('looks words up by the closer cause, and keeps what support asks for', () => {
    const outcome = read('error=authorization_failed&reason=conditional_access&aadsts=53003&trace_id=t&correlation_id=c&at=now');
    if (outcome?.kind !== 'failed') throw new Error('no failure');
    expect(outcome.failure.cause).toBe('conditional_access');
    expect(supportText(outcome.failure.support)).toBe(
      "Code: authorization_failed\nCause: conditional_access\nMicrosoft's number: AADSTS53003\nTrace ID: t\nCorrelation ID: c\nTimestamp: now",
    );
  });

  it('looks nothing up for a code that cannot be one, and cuts it', () => {
    const outcome = read(`error=${'<b>'.repeat(200)}`);
    if (outcome?.kind !== 'failed') throw new Error('no failure');
    expect(outcome.failure.cause).toBe('');
    expect(outcome.failure.code).toHaveLength(200);
  });

  it('takes only itself out of the address', () => {
    expect(withoutOutcome(new URLSearchParams(`q=anna&error=x&reason=y&scope=z`)).toString()).toBe('q=anna');
  });
});
