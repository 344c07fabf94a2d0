import Chip from '@mui/material/Chip';
import TableCell from '@mui/material/TableCell';
import TableRow from '@mui/material/TableRow';
import { StatusChip } from '../../components/StatusChip';
import { TimeText } from '../../components/TimeText';
import { roleWord } from '../../lib/role';
import { useSession } from '../../lib/session';
import { SimpleTable } from '../settings/SimpleTable';
import type { User } from './types';
import type { UserAction } from './UserActions';
import { UserActions } from './UserActions';

const COLUMNS = ['Email address', 'Role', 'State', 'Last sign-in', 'Added', 'Actions'];

interface Props {
  users: User[];
  onAsk: (action: UserAction, user: User) => void;
}

export function UserTable({ users, onAsk }: Props) {
  const me = useSession()?.user.id;
  return (
    <SimpleTable label="Users" columns={COLUMNS}>
      {users.map((user) => (
        <TableRow key={user.id}>
          <TableCell component="th" scope="row" sx={{ overflowWrap: 'anywhere' }}>
            {user.email} {user.id === me && <Chip size="small" label="You" />}
          </TableCell>
          <TableCell>{roleWord(user.role)}</TableCell>
          <TableCell><StatusChip kind="user" status={userState(user)} /></TableCell>
          <TableCell><TimeText at={user.last_signed_in_at} /></TableCell>
          <TableCell><TimeText at={user.created_at} /></TableCell>
          <TableCell><UserActions user={user} own={user.id === me} onAsk={(action) => onAsk(action, user)} /></TableCell>
        </TableRow>
      ))}
    </SimpleTable>
  );
}

/** Somebody who signed in before is no newcomer, although a link for a new password is open. */
export function userState({ disabled_at: disabledAt, invited, last_signed_in_at: signedInAt }: User): string {
  if (disabledAt !== null) return 'disabled';
  return invited && signedInAt === null ? 'invited' : 'active';
}
