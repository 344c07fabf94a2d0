import { describe, expect, it } from 'vitest';
import type { TableColumn } from './columnFit';
import { columnsThatFit } from './columnFit';

const COLUMNS: TableColumn<{ id: string }>[] = [
  { field: 'name', minWidth: 200, flex: 1 },
  { field: 'extra', width: 120, rank: 3 },
  { field: 'state', width: 150, rank: 1 },
  { field: 'small', width: 40, rank: 4 },
  { field: 'actions', width: 80 },
];

describe('the columns of a table', () => {
  it('all stand where there is room, and where the room is not known', () => {
    expect(Object.values(columnsThatFit(COLUMNS, 590, false))).not.toContain(false);
    expect(columnsThatFit(COLUMNS, 0, false)).toEqual({});
  });

  it('give way by their rank, and a narrow one takes what is left', () => {
    expect(columnsThatFit(COLUMNS, 589, false)).toEqual({ name: true, actions: true, state: true, extra: true, small: false });
    expect(columnsThatFit(COLUMNS, 500, false)).toEqual({ name: true, actions: true, state: true, extra: false, small: true });
  });

  it('keep those without a rank however narrow it is', () => {
    expect(columnsThatFit(COLUMNS, 100, false)).toEqual({ name: true, actions: true, state: false, extra: false, small: false });
  });

  it('leave room for the boxes that select rows', () => {
    expect(columnsThatFit(COLUMNS, 590, true)['extra']).toBe(false);
  });
});
