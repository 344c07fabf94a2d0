import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import TableCell from '@mui/material/TableCell';
import TableRow from '@mui/material/TableRow';
import { TimeText } from '../../../components/TimeText';
import { SimpleTable } from '../../settings/SimpleTable';
import type { SignInSession } from '../types';
import { deviceName } from './device';

const OWN = ['Device', 'Address', 'Signed in', 'Last used', 'Ends at the latest', 'Actions'];
const ALL = ['User', ...OWN];

interface Props {
  sessions: SignInSession[];
  /** Everybody's: they are shown with their users. */
  all: boolean;
  onEnd: (session: SignInSession) => void;
}

export function SessionTable({ sessions, all, onEnd }: Props) {
  return (
    <SimpleTable label="Sessions" columns={all ? ALL : OWN}>
      {sessions.map((session) => (
        <TableRow key={session.id}>
          {all && <TableCell component="th" scope="row" sx={{ overflowWrap: 'anywhere' }}>{session.email}</TableCell>}
          <TableCell>
            <Box component="span" title={session.user_agent ?? undefined}>{deviceName(session.user_agent)}</Box>{' '}
            {session.current && <Chip size="small" color="primary" variant="outlined" label="This session" />}
          </TableCell>
          <TableCell>{session.address ?? 'Not known'}</TableCell>
          <TableCell><TimeText at={session.created_at} /></TableCell>
          <TableCell><TimeText at={session.last_used_at} /></TableCell>
          <TableCell><TimeText at={session.expires_at} /></TableCell>
          <TableCell>
            <Button size="small" aria-label={`End the session of ${session.email} on ${deviceName(session.user_agent)}`} onClick={() => onEnd(session)}>
              End
            </Button>
          </TableCell>
        </TableRow>
      ))}
    </SimpleTable>
  );
}
