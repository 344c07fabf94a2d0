// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { copyText } from './copy';

let selected: string | undefined;
const execCommand = vi.fn<() => boolean>();

beforeEach(() => {
  selected = undefined;
  execCommand.mockReset().mockImplementation(() => {
    const area = document.querySelector('textarea');
    selected = area?.value.slice(area.selectionStart, area.selectionEnd);
    return true;
  });
  Object.defineProperty(document, 'execCommand', { value: execCommand, configurable: true });
});

afterEach(() => {
  Reflect.deleteProperty(navigator, 'clipboard');
  Reflect.deleteProperty(document, 'execCommand');
  document.body.replaceChildren();
});

function clipboard(writeText: (text: string) => Promise<void>): void {
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
}

describe('copying', () => {
  it('uses the clipboard where there is one', async () => {
    const written: string[] = [];
    clipboard(async (text) => void written.push(text));
    await expect(copyText('abc')).resolves.toBe(true);
    expect(written).toEqual(['abc']);
    expect(execCommand).not.toHaveBeenCalled();
  });

  it('copies by a selection on plain http, and leaves nothing behind', async () => {
    const button = document.createElement('button');
    document.body.append(button);
    button.focus();
    await expect(copyText('abc')).resolves.toBe(true);
    expect(selected).toBe('abc');
    expect(document.querySelector('textarea')).toBeNull();
    expect(button).toHaveFocus();
  });

  it('does so too when the browser refuses the clipboard', async () => {
    clipboard(() => Promise.reject(new DOMException('no', 'NotAllowedError')));
    await expect(copyText('abc')).resolves.toBe(true);
    expect(selected).toBe('abc');
  });

  it('selects inside an open dialog, whose focus trap would take the selection away', async () => {
    document.body.innerHTML = '<div role="dialog"><button>Copy</button></div>';
    document.querySelector('button')?.focus();
    execCommand.mockImplementation(() => document.querySelector('[role="dialog"] textarea') !== null);
    await expect(copyText('abc')).resolves.toBe(true);
  });

  it('says so when it cannot', async () => {
    execCommand.mockReturnValue(false);
    await expect(copyText('abc')).resolves.toBe(false);
    Reflect.deleteProperty(document, 'execCommand');
    await expect(copyText('abc')).resolves.toBe(false);
  });
});
