/** The service connects this many at a time. */
export const MAX_MAILBOXES = 50;

/** The chosen names with one more or one less; addresses are the same in any case of letters. */
export function toggled(chosen: readonly string[], name: string): string[] {
  return isChosen(chosen, name) ? chosen.filter((one) => !same(one, name)) : [...chosen, name];
}

export function isChosen(chosen: readonly string[], name: string): boolean {
  return chosen.some((one) => same(one, name));
}

/** The addresses in a text that was typed or pasted, whatever separates them. */
export function addressesIn(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
