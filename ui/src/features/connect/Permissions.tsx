import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import type { Permission } from './permissions';

interface Props {
  kind: 'Delegated' | 'Application';
  permissions: readonly Permission[];
  approver: string;
}

/** What Microsoft will ask to allow, why, and who can allow it. */
export function Permissions({ kind, permissions, approver }: Props) {
  return (
    <Box component="section" aria-label={`${kind} permissions`}>
      <Typography variant="h3" component="h3" gutterBottom>
        {kind} permissions
      </Typography>
      <Box component="section" sx={{ overflowX: 'auto' }} tabIndex={0} aria-label={`Table of ${kind.toLowerCase()} permissions`}>
        <Table size="small">
          <TableHead>
            <TableRow>
              <TableCell>Permission</TableCell>
              <TableCell>Why</TableCell>
              <TableCell>Without it</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {permissions.map((permission) => (
              <TableRow key={permission.name}>
                <TableCell component="th" scope="row" sx={{ whiteSpace: 'nowrap' }}>
                  <code>{permission.name}</code>
                </TableCell>
                <TableCell>{permission.why}</TableCell>
                <TableCell>{permission.without}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Box>
      <Typography variant="body2" sx={{ mt: 1 }}>
        <strong>Who can approve:</strong> {approver}
      </Typography>
    </Box>
  );
}
