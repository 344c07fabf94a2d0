import { describe, expect, it } from 'vitest';
import { safeReturnPath } from './returnPath';

describe('the way back after signing in', () => {
  it.each(['/', '/messages', '/messages?q=a%20b&period=24h', '/admin/tenants/1/access'])('leads to %s', (path) => {
    expect(safeReturnPath(path)).toBe(path);
  });

  it.each([
    null,
    '',
    'messages',
    'https://evil.example/',
    'javascript:alert(1)',
    '//evil.example',
    '//evil.example/messages',
    '///evil.example',
    '/\\evil.example',
    '/\\/evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%2e//evil.example',
    '//',
    '//[',
    '//user@:0',
  ])('never leads elsewhere: %s', (wanted) => {
    expect(safeReturnPath(wanted)).toBe('/');
  });
});
