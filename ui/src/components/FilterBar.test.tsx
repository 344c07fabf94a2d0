import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SearchField } from './FilterBar';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function field(): HTMLInputElement {
  return screen.getByRole('searchbox', { name: 'Search' });
}

function type(text: string, pause = 1000): void {
  fireEvent.change(field(), { target: { value: text } });
  act(() => void vi.advanceTimersByTime(pause));
}

describe('the search field', () => {
  it('keeps every letter while the address of the page is still changing', () => {
    const onChange = vi.fn<(text: string) => void>();
    const { rerender } = render(<SearchField label="Search" value="" onChange={onChange} />);
    type('inv');
    expect(onChange).toHaveBeenLastCalledWith('inv');
    type('invoi', 10);
    rerender(<SearchField label="Search" value="inv" onChange={onChange} />);
    expect(field()).toHaveValue('invoi');
    act(() => void vi.advanceTimersByTime(1000));
    expect(onChange).toHaveBeenLastCalledWith('invoi');
  });

  it('keeps the space before the next word', () => {
    const onChange = vi.fn<(text: string) => void>();
    const { rerender } = render(<SearchField label="Search" value="" onChange={onChange} />);
    type('late ');
    rerender(<SearchField label="Search" value="late" onChange={onChange} />);
    expect(field()).toHaveValue('late ');
    expect(onChange.mock.calls).toEqual([['late']]);
  });

  it('follows what was changed elsewhere', () => {
    const onChange = vi.fn<(text: string) => void>();
    const { rerender } = render(<SearchField label="Search" value="late" onChange={onChange} />);
    rerender(<SearchField label="Search" value="" onChange={onChange} />);
    expect(field()).toHaveValue('');
    act(() => void vi.advanceTimersByTime(1000));
    expect(onChange).not.toHaveBeenCalled();
  });
});
