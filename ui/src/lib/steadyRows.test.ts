import { describe, expect, it } from 'vitest';
import { append, countNew, nothingShown, showHead, takeIn } from './steadyRows';

const page = (...ids: string[]) => ({ items: ids.map((id) => ({ id, text: id })), next: 'older' });
const ids = (rows: { id: string }[]) => rows.map((row) => row.id).join(' ');

describe('rows that do not move', () => {
  it('shows the first page at once', () => {
    const shown = takeIn(nothingShown<{ id: string }>('all'), page('b', 'a'));
    expect(ids(shown.rows)).toBe('b a');
    expect(countNew(shown)).toBe(0);
  });

  it('counts new rows and leaves those on the screen in place', () => {
    const shown = takeIn(takeIn(nothingShown<{ id: string }>('all'), page('b', 'a')), page('d', 'c', 'b', 'a'));
    expect(ids(shown.rows)).toBe('b a');
    expect(countNew(shown)).toBe(2);
    expect(ids(showHead(shown).rows)).toBe('d c b a');
    expect(countNew(showHead(shown))).toBe(0);
  });

  it('repaints a row that changed', () => {
    const shown = takeIn(takeIn(nothingShown<{ id: string; text: string }>('all'), page('b', 'a')), {
      items: [
        { id: 'b', text: 'deleted' },
        { id: 'a', text: 'a' },
      ],
      next: null,
    });
    expect(shown.rows[0]?.text).toBe('deleted');
  });

  it('does not call a row new that moved up from below because another one vanished', () => {
    const shown = takeIn(takeIn(nothingShown<{ id: string }>('all'), page('c', 'b')), page('c', 'a'));
    expect(countNew(shown)).toBe(0);
  });

  it('shows rows at once while the list is empty', () => {
    const empty = takeIn(nothingShown<{ id: string }>('all'), { items: [], next: null });
    expect(ids(takeIn(empty, page('a')).rows)).toBe('a');
  });

  it('appends an older page once', () => {
    const shown = takeIn(nothingShown<{ id: string }>('all'), page('c', 'b'));
    const older = append(shown, 'older', { items: [{ id: 'b' }, { id: 'a' }], next: null });
    expect(ids(older.rows)).toBe('c b a');
    expect(append(older, 'older', page('x'))).toBe(older);
  });
});
