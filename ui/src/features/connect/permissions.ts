/** What is asked for on each way, and why; named as on Microsoft's consent page, so that it can be compared. */
export interface Permission {
  name: string;
  why: string;
  without: string;
}

const SIGN_IN: readonly Permission[] = [
  { name: 'User.Read', why: 'Reads who signed in: name and address.', without: 'Accounts could not be told apart.' },
  {
    name: 'offline_access',
    why: 'Keeps the connection without asking for the password again.',
    without: 'Mail would stop after about an hour.',
  },
  { name: 'openid, profile', why: 'Proves who signed in.', without: 'The sign-in could not be checked.' },
];

export const DELEGATED: readonly Permission[] = [
  {
    name: 'Mail.Read',
    why: 'Reads the messages of the mailbox that signs in, and lets Microsoft announce new ones.',
    without: 'Nothing can be connected.',
  },
  ...SIGN_IN,
];

export const SHARED: readonly Permission[] = [
  {
    name: 'Mail.Read.Shared',
    why: 'Reads the messages of mailboxes that are shared with whoever signs in. Flovify reads only the one you name.',
    without: 'Nothing can be connected.',
  },
  {
    name: 'User.ReadBasic.All',
    why: 'Finds the mailbox by its address.',
    without: 'The mailbox could not be told apart from others.',
  },
  ...SIGN_IN,
];

export const APPLICATION: readonly Permission[] = [
  {
    name: 'Mail.Read',
    why: 'Reads mail without anybody signing in: in every mailbox of the organisation, until it is narrowed in Exchange.',
    without: 'No mailbox can be connected this way.',
  },
  {
    name: 'User.Read.All',
    why: "Lists the organisation's people, so that mailboxes can be chosen from a list.",
    without: 'Can be left out: type the addresses instead.',
  },
];

/** RBAC for Applications; application access policies are the older way. */
export const NARROW_PAGE = 'https://learn.microsoft.com/exchange/permissions-exo/application-rbac';
export const NARROW_COMMANDS = [
  'New-ServicePrincipal -AppId <client id> -ObjectId <object id of the enterprise application>',
  `New-ManagementScope -Name Flovify -RecipientRestrictionFilter "MemberOfGroup -eq '<DN of a group>'"`,
  "New-ManagementRoleAssignment -App <object id> -Role 'Application Mail.Read' -CustomResourceScope Flovify",
  'Test-ServicePrincipalAuthorization -Identity <object id> -Resource <address of a mailbox>',
].join('\n');
