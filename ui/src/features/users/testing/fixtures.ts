import type { Invitation, SignInSession, User } from '../types';

/** Who is signed in in tests. */
export const ME = '00000000-0000-4000-8000-000000000001';
export const OTHER = '00000000-0000-4000-8000-000000000002';

export function user(more: Partial<User> = {}): User {
  return {
    id: OTHER,
    email: 'bob@example.com',
    role: 'administrator',
    disabled_at: null,
    created_at: '2030-01-01T00:00:00Z',
    last_signed_in_at: '2030-01-02T00:00:00Z',
    invited: false,
    ...more,
  };
}

export function invitation(more: Partial<User> = {}): Invitation {
  return { user: user({ invited: true, last_signed_in_at: null, ...more }), token: 'one-time+token', expires_at: '2030-01-04T00:00:00Z' };
}

export function session(number: number, more: Partial<SignInSession> = {}): SignInSession {
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    user_id: ME,
    email: 'ada@example.com',
    created_at: '2030-01-01T00:00:00Z',
    last_used_at: '2030-01-01T01:00:00Z',
    expires_at: '2030-01-01T12:00:00Z',
    address: '192.0.2.7',
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    current: false,
    ...more,
  };
}
