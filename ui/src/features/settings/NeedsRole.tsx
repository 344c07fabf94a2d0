import type { ReactNode } from 'react';
import { LockIcon } from '../../components/icons';
import { EmptyState } from '../../components/EmptyState';
import { roleWord, useRole } from '../../lib/role';
import type { Role } from '../../lib/session';

interface Props {
  role: Role;
  /** What is there to see: "App registrations". */
  what: string;
  children: ReactNode;
}

/** A part for some only: others are told so, and nothing is asked of the services. */
export function NeedsRole({ role, what, children }: Props) {
  const { atLeast } = useRole();
  if (atLeast(role)) return children;
  return (
    <EmptyState icon={LockIcon} title={`Needs ${roleWord(role)}`}>
      {what} can be seen with the role {roleWord(role)}. Ask an administrator for it.
    </EmptyState>
  );
}
