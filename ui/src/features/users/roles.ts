import type { Role } from '../../lib/session';

interface RoleHelp {
  role: Role;
  may: string;
}

export const ROLES: RoleHelp[] = [
  { role: 'viewer', may: 'Reads: overview, accounts, subscriptions, messages and events. Changes nothing.' },
  { role: 'operator', may: 'Also renews and recreates subscriptions, syncs mailboxes, replays and discards dead letters.' },
  { role: 'administrator', may: 'Also connects and disconnects accounts, manages users and app registrations, reads the audit log.' },
];
