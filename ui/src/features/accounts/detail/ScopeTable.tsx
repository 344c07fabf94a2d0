import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { ErrorIcon, InfoIcon } from '../../../components/icons';
import { CheckIcon } from '../../../components/shellIcons';
import type { AccountDetail } from '../types';
import type { ScopeRow } from './scopes';
import { scopeRows } from './scopes';

const VERDICTS = {
  granted: { label: 'Granted', color: 'success', icon: <CheckIcon /> },
  missing: { label: 'Missing', color: 'error', icon: <ErrorIcon /> },
  'more than needed': { label: 'More than needed', color: 'info', icon: <InfoIcon /> },
} as const;

/** Granted against required permissions. */
export function ScopeTable({ account }: { account: AccountDetail }) {
  const rows = scopeRows(account);
  if (rows.length === 0) return <Typography color="text.secondary">Microsoft named no permissions yet.</Typography>;
  return (
    <Box sx={{ overflowX: 'auto' }} component="section" aria-label="Granted and required permissions" tabIndex={0}>
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>Permission</TableCell>
            <TableCell>Required</TableCell>
            <TableCell>Granted</TableCell>
            <TableCell>Finding</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <Row key={row.scope} row={row} />
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

function Row({ row }: { row: ScopeRow }) {
  const verdict = VERDICTS[row.verdict];
  return (
    <TableRow>
      <TableCell component="th" scope="row" sx={{ overflowWrap: 'anywhere' }}>
        <code>{row.scope}</code>
      </TableCell>
      <TableCell>{row.required ? 'Yes' : 'No'}</TableCell>
      <TableCell>{row.granted ? 'Yes' : 'No'}</TableCell>
      <TableCell>
        <Chip size="small" variant="outlined" color={verdict.color} icon={verdict.icon} label={verdict.label} />
      </TableCell>
    </TableRow>
  );
}
