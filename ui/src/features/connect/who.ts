const WHO: Record<string, string> = {
  user: 'the owner of the mailbox',
  administrator: 'an administrator of the organisation',
  operator: 'an operator of this installation',
  nobody: 'nobody: it passes by itself',
};

/** Who must act, in words. The accounts' list says it in words already. */
export function whoWord(who: string): string {
  return WHO[who] ?? who;
}
