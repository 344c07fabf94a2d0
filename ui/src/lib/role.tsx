import Tooltip from '@mui/material/Tooltip';
import type { ReactElement } from 'react';
import { cloneElement } from 'react';
import type { Role } from './session';
import { useSession } from './session';

const RANK: Record<Role, number> = { viewer: 0, operator: 1, administrator: 2 };
const WORD: Record<Role, string> = { viewer: 'Viewer', operator: 'Operator', administrator: 'Administrator' };

/** The role of who is signed in; a viewer while that is not known. The services enforce it, the console only shows it. */
export function useRole(): { role: Role; atLeast: (needed: Role) => boolean } {
  const role = useSession()?.user.role ?? 'viewer';
  return { role, atLeast: (needed) => RANK[role] >= RANK[needed] };
}

export function roleWord(role: Role): string {
  return WORD[role];
}

interface Props {
  role: Role;
  children: ReactElement<{ disabled?: boolean | undefined }>;
}

/** A control that is there for everybody, but works from a role on: others see it disabled, and why. */
export function Needs({ role, children }: Props) {
  const { atLeast } = useRole();
  if (atLeast(role)) return children;
  return (
    <Tooltip title={`Needs ${WORD[role]}`}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what is disabled takes no focus; its reason must be reachable */}
      <span tabIndex={0} style={{ display: 'inline-flex' }}>
        {cloneElement(children, { disabled: true })}
      </span>
    </Tooltip>
  );
}
