import TableCell from '@mui/material/TableCell';
import TableRow from '@mui/material/TableRow';
import { roleWord } from '../../lib/role';
import { Panel } from '../accounts/detail/Panel';
import { SimpleTable } from '../settings/SimpleTable';
import { ROLES } from './roles';

const COLUMNS = ['Role', 'May'];

export function RoleTable() {
  return (
    <Panel title="Roles">
      <SimpleTable label="Roles" columns={COLUMNS}>
        {ROLES.map(({ role, may }) => (
          <TableRow key={role}>
            <TableCell component="th" scope="row">{roleWord(role)}</TableCell>
            <TableCell>{may}</TableCell>
          </TableRow>
        ))}
      </SimpleTable>
    </Panel>
  );
}
