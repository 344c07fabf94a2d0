import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import TableCell from '@mui/material/TableCell';
import TableRow from '@mui/material/TableRow';
import { useAccountNames } from '../../../components/accountNames';
import { TimeText } from '../../../components/TimeText';
import { SimpleTable } from '../SimpleTable';
import type { ApiKey } from './api';
import { STATE } from './words';

const COLUMNS = ['Name', 'Key', 'Scopes', 'Accounts', 'State', 'Last used', 'Ends', 'Made', 'Actions'];
const MOST_NAMED = 2;

interface Props {
  keys: ApiKey[];
  onRevoke: (key: ApiKey) => void;
}

export function ApiKeyTable({ keys, onRevoke }: Props) {
  return (
    <SimpleTable label="API keys" columns={COLUMNS}>
      {keys.map((key) => (
        <TableRow key={key.id}>
          <TableCell component="th" scope="row" sx={{ overflowWrap: 'anywhere', minWidth: 120 }}>
            <bdi>{key.name}</bdi>
          </TableCell>
          <TableCell><code>{key.shown}…</code></TableCell>
          <TableCell>{key.scopes.join(', ')}</TableCell>
          <TableCell><Accounts ids={key.tenant_ids} /></TableCell>
          <TableCell><Chip size="small" variant="outlined" color={STATE[key.state].color} label={STATE[key.state].word} /></TableCell>
          <TableCell><TimeText at={key.last_used_at} /></TableCell>
          <TableCell><TimeText at={key.expires_at} none="No end" /></TableCell>
          <TableCell><TimeText at={key.created_at} /> by <bdi>{key.created_by}</bdi></TableCell>
          <TableCell>
            {key.state === 'active' && (
              <Button size="small" color="error" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
                Revoke
              </Button>
            )}
          </TableCell>
        </TableRow>
      ))}
    </SimpleTable>
  );
}

function Accounts({ ids }: { ids: string[] | null }) {
  const nameOf = useAccountNames();
  if (ids === null) return 'All';
  const named = ids.slice(0, MOST_NAMED).map((id) => nameOf(id) ?? id.slice(0, 8));
  const more = ids.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}`;
}
