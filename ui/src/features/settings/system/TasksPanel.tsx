import TableCell from '@mui/material/TableCell';
import TableRow from '@mui/material/TableRow';
import { TimeText } from '../../../components/TimeText';
import { plain } from '../../../lib/words';
import { Panel } from '../../accounts/detail/Panel';
import { SimpleTable } from '../SimpleTable';
import type { PeriodicTask } from '../types';

const COLUMNS = ['Task', 'Service', 'Due', 'Last finished', 'Last error'];

interface Props {
  auth: PeriodicTask[] | undefined;
  api: PeriodicTask[] | undefined;
}

/** What the services do by themselves, and when it next happens. */
export function TasksPanel({ auth = [], api = [] }: Props) {
  const tasks = [...api.map((task) => ({ service: 'api', task })), ...auth.map((task) => ({ service: 'auth', task }))];
  return (
    <Panel title="Periodic tasks">
      <SimpleTable label="Periodic tasks" columns={COLUMNS}>
        {tasks.map(({ service, task }) => (
          <TableRow key={`${service}/${task.name}`}>
            <TableCell component="th" scope="row">{plain(task.name)}</TableCell>
            <TableCell>{service}</TableCell>
            <TableCell><TimeText at={task.due_at} /></TableCell>
            <TableCell><TimeText at={task.last_finished_at} /></TableCell>
            <TableCell sx={{ overflowWrap: 'anywhere' }}>{task.last_error ?? 'None'}</TableCell>
          </TableRow>
        ))}
      </SimpleTable>
    </Panel>
  );
}
