import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { renderRoutes } from '../test/render';
import { useCursorPaging } from './cursorPaging';
import { isFiltered, useUrlState } from './urlState';

const DEFAULTS = { q: '', period: '24h' };

function Filters() {
  const [state, set] = useUrlState(DEFAULTS);
  return (
    <>
      <output>{`${state.q}|${state.period}|${isFiltered(state, DEFAULTS)}`}</output>
      <button onClick={() => set({ q: 'a&b' })}>Search</button>
      <button onClick={() => set({ q: 'typed' }, { replace: true })}>Type</button>
      <button onClick={() => set(DEFAULTS)}>Clear</button>
    </>
  );
}

function openFilters(search: string) {
  return renderRoutes([{ path: '/', element: <Filters /> }], `/${search}`).router;
}

const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

describe('filters in the URL', () => {
  it('are read from it, with their defaults', () => {
    openFilters('?q=invoice&other=1');
    expect(screen.getByRole('status')).toHaveTextContent('invoice|24h|true');
  });

  it('are written to it, keep what is not theirs, and begin at the first page', async () => {
    const router = openFilters('?other=1&after=c&page=3');
    await press('Search');
    expect(router.state.location.search).toBe('?other=1&q=a%26b');
    expect(screen.getByRole('status')).toHaveTextContent('a&b|24h|true');
  });

  it('are left out when they are as usual', async () => {
    const router = openFilters('?q=x&period=1h');
    await press('Clear');
    expect(router.state.location.search).toBe('');
    expect(screen.getByRole('status')).toHaveTextContent('|24h|false');
  });

  it('are undone by Back, but letters that were typed are not', async () => {
    const router = openFilters('');
    await press('Search');
    await press('Type');
    await router.navigate(-1);
    expect(router.state.location.search).toBe('');
  });
});

function Pages() {
  const paging = useCursorPaging();
  return (
    <>
      <output>{`${paging.page}|${paging.after ?? 'first'}|${paging.pageSize}`}</output>
      <button onClick={() => paging.go(paging.page + 1, `cursor${paging.page + 2}`)}>Next</button>
      <button onClick={() => paging.go(paging.page - 1, null)}>Previous</button>
      <button onClick={() => paging.resize(100)}>More</button>
    </>
  );
}

function openPages(search = '') {
  const { router } = renderRoutes([{ path: '/', element: <Pages /> }], `/${search}`);
  return { router, shown: () => screen.getByRole('status').textContent };
}

describe('pages over cursors', () => {
  it('go forth with the cursor of the answer, and back with the one they remember', async () => {
    const { router, shown } = openPages();
    await press('Next');
    expect(shown()).toBe('1|cursor2|25');
    await press('Next');
    expect(router.state.location.search).toBe('?page=3&after=cursor3');
    await press('Previous');
    expect(shown()).toBe('1|cursor2|25');
    await press('Previous');
    expect(shown()).toBe('0|first|25');
    expect(router.state.location.search).toBe('');
  });

  it('can be linked; back from a linked one is the start, for its cursor is not known', async () => {
    const { shown } = openPages('?page=3&after=cursor3');
    expect(shown()).toBe('2|cursor3|25');
    await press('Previous');
    expect(shown()).toBe('0|first|25');
  });

  it.each(['?page=9', '?page=x&size=1000000', '?size=-1'])('start anew from nonsense: %s', (search) => {
    expect(openPages(search).shown()).toBe('0|first|25');
  });

  it('start anew with another size', async () => {
    const { router, shown } = openPages('?page=3&after=cursor3');
    await press('More');
    expect(shown()).toBe('0|first|100');
    expect(router.state.location.search).toBe('?size=100');
  });
});
