import Button from '@mui/material/Button';
import TableCell from '@mui/material/TableCell';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { CopyId } from '../../../components/CopyId';
import { TimeText } from '../../../components/TimeText';
import { formatDay } from '../../../lib/time';
import { SimpleTable } from '../SimpleTable';
import type { AppRegistration, Credential } from '../types';
import { ExpiryChip } from './ExpiryChip';
import { credentialName } from './names';

const COLUMNS = ['Credential', 'Set', 'Expires', 'State', 'Actions'];

interface Props {
  registration: AppRegistration;
  onRemove: (credential: Credential) => void;
}

export function CredentialTable({ registration, onRemove }: Props) {
  if (registration.credentials.length === 0) {
    return <Typography>It has no credential: Microsoft refuses every sign-in. Add one.</Typography>;
  }
  return (
    <SimpleTable label={`Credentials of ${registration.display_name}`} columns={COLUMNS}>
      {registration.credentials.map((one) => (
        <TableRow key={one.id}>
          <TableCell component="th" scope="row">
            {one.kind === 'secret' ? 'Client secret' : 'Certificate'}
            {one.thumbprint && <div><CopyId id={one.thumbprint} label="thumbprint" /></div>}
            {one.subject && <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>{one.subject}</Typography>}
          </TableCell>
          <TableCell><TimeText at={one.created_at} /></TableCell>
          <TableCell>{one.expires_at ? formatDay(one.expires_at) : 'Not known'}</TableCell>
          <TableCell>
            <ExpiryChip warning={one.warning} days={one.expires_in_days} />
            {one.refused_at && <Typography variant="body2" color="error">Microsoft refused it <TimeText at={one.refused_at} />.</Typography>}
          </TableCell>
          <TableCell>
            {one.source === 'environment' ? (
              'From the environment'
            ) : (
              <Button size="small" color="error" aria-label={`Remove the ${credentialName(one)}`} onClick={() => onRemove(one)}>
                Remove
              </Button>
            )}
          </TableCell>
        </TableRow>
      ))}
    </SimpleTable>
  );
}
