/** The ways to connect, in the order they are offered. `way` stands in the address, so that each can be linked to. */
export const WAYS = [
  {
    way: 'mailbox',
    title: 'One mailbox',
    text: 'Its owner signs in at Microsoft, here in this browser.',
    group: 'Microsoft 365',
  },
  {
    way: 'link',
    title: 'A link for somebody else',
    text: 'Send the owner of a mailbox, or an administrator, a link. They need no account here.',
    group: 'Microsoft 365',
  },
  {
    way: 'consent',
    title: 'Admin consent',
    text: 'An administrator approves the app for the whole organisation. Needed where users may not approve access to mail.',
    group: 'Microsoft 365',
  },
  {
    way: 'organization',
    title: 'Mailboxes of an organisation',
    text: 'Choose many mailboxes, shared ones too, from a list. Works by application permissions; nobody signs in.',
    group: 'Microsoft 365',
  },
  {
    way: 'shared',
    title: 'A shared mailbox',
    text: 'Somebody who may read it signs in. It is polled: Microsoft announces nothing of it to a person.',
    group: 'Microsoft 365',
  },
  {
    way: 'registration',
    title: 'Another app registration',
    text: 'An Entra app of your own, or another of Microsoft’s clouds.',
    group: 'Microsoft 365',
  },
  {
    way: 'sandbox',
    title: 'Sandbox mailbox',
    text: 'Try everything without Microsoft 365.',
    group: 'Other',
  },
] as const;

export type Way = (typeof WAYS)[number]['way'];

/** What is in the address: a way, `1` for the choice of one, or nothing. */
export function readWay(text: string | null): Way | 'choose' | null {
  if (text === null) return null;
  return WAYS.find(({ way }) => way === text)?.way ?? 'choose';
}

export function titleOf(way: Way | 'choose'): string {
  return WAYS.find((one) => one.way === way)?.title ?? 'Connect an account';
}
