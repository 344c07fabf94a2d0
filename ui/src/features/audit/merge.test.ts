import { describe, expect, it } from 'vitest';
import { dayStart, auditQuery, NO_FILTERS } from './filters';
import { merge } from './merge';
import { objectHref } from './objectHref';
import { entry } from './testing/fixtures';

const at = (second: number) => `2030-01-01T00:00:${String(second).padStart(2, '0')}Z`;
const log = (name: 'auth' | 'api', seconds: number[], more: boolean) => ({ name, more, items: seconds.map((second) => entry(`${name}-${second}`, at(second))) });
const times = (name: 'auth' | 'api', ...all: string[]) => ({ name, more: false, items: all.map((one) => entry(`${name}-${one.slice(17)}`, one)) });
const shown = (...logs: Parameters<typeof merge>[0][number][]) => {
  const { entries, wanted } = merge(logs);
  return { ids: entries.map(({ id }) => id), wanted };
};

describe('merging two logs', () => {
  it('orders by time, newest first, to the end of both', () => {
    expect(shown(log('auth', [9, 4], false), log('api', [7, 5, 1], false))).toEqual({ ids: ['auth-9', 'api-7', 'api-5', 'auth-4', 'api-1'], wanted: [] });
  });

  it('holds back what may come after entries that are not loaded yet', () => {
    expect(shown(log('auth', [9, 6], true), log('api', [8, 3, 2], false))).toEqual({ ids: ['auth-9', 'api-8', 'auth-6'], wanted: ['auth'] });
  });

  it('moves nothing that was shown when a page is added', () => {
    const before = shown(log('auth', [9, 6], true), log('api', [8, 5], true));
    expect(before).toEqual({ ids: ['auth-9', 'api-8', 'auth-6'], wanted: ['auth'] });
    const after = shown(log('auth', [9, 6, 4, 3], false), log('api', [8, 5], true));
    expect(after).toEqual({ ids: [...before.ids, 'api-5'], wanted: ['api'] });
    const end = shown(log('auth', [9, 6, 4, 3], false), log('api', [8, 5, 1], false));
    expect(end).toEqual({ ids: [...after.ids, 'auth-4', 'auth-3', 'api-1'], wanted: [] });
  });

  it('shows nothing while a log has not answered, and all of the other when it is away', () => {
    expect(shown(log('auth', [], true), log('api', [3], false))).toEqual({ ids: [], wanted: ['auth'] });
    expect(shown(log('auth', [], false), log('api', [3], false)).ids).toEqual(['api-3']);
  });

  it('tells microseconds apart, and keeps the order of equal times', () => {
    const { entries } = merge([
      times('auth', '2030-01-01T00:00:02Z', '2030-01-01T00:00:01.000001Z', '2030-01-01T00:00:01Z'),
      times('api', '2030-01-01T00:00:02+00:00', '2030-01-01T00:00:01.000002Z', '2030-01-01T00:00:01.0000Z'),
    ]);
    expect(entries.map(({ source, at: time }) => `${source} ${time.slice(17)}`)).toEqual([
      'auth 02Z', 'api 02+00:00', 'api 01.000002Z', 'auth 01.000001Z', 'auth 01Z', 'api 01.0000Z',
    ]);
  });
});

describe('the filters of the audit log', () => {
  it('takes whole days, the last one with its evening', () => {
    expect(dayStart('2030-01-31', 'utc', 0)).toBe('2030-01-31T00:00:00.000Z');
    expect(dayStart('2030-01-31', 'utc', 1)).toBe('2030-02-01T00:00:00.000Z');
    expect(dayStart('yesterday', 'utc', 0)).toBeUndefined();
  });

  it('narrows by nothing nobody knows', () => {
    expect(auditQuery({ ...NO_FILTERS, outcome: 'constructor', since: 'x' }, 'utc')).toMatchObject({ outcome: '', since: undefined });
  });
});

describe('where an object is shown', () => {
  it('leads only to ids of known kinds', () => {
    const subject = '00000000-0000-4000-8000-000000000001';
    expect(objectHref({ subject, subject_kind: 'tenant' })).toBe(`/admin/tenants/${subject}`);
    expect(objectHref({ subject: '//evil.example', subject_kind: 'tenant' })).toBeNull();
    expect(objectHref({ subject, subject_kind: 'constructor' })).toBeNull();
  });
});
