import axe from 'axe-core';
import { expect } from 'vitest';

// Nothing is drawn here: contrast, and that an open dialog covers what lies behind it, are checked in a real browser.
const RULES = {
  'color-contrast': { enabled: false },
  'aria-hidden-focus': { enabled: false },
  region: { enabled: false },
};

/** No violation of WCAG 2.2 A and AA, or of axe's best practices, in what was drawn. */
export async function expectNoAxe(container: Element = document.body): Promise<void> {
  // Frames load nothing here: asking into them only fills the output. What passed is not read.
  const { violations } = await axe.run(container, { rules: RULES, resultTypes: ['violations'], iframes: false });
  const told = violations.map((one) => `${one.id}: ${one.help}\n  ${one.nodes.map((node) => node.html).join('\n  ')}`);
  expect(told).toEqual([]);
}
