import TableCell from '@mui/material/TableCell';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { StatusChip } from '../../../components/StatusChip';
import { TimeText } from '../../../components/TimeText';
import { Panel } from '../../accounts/detail/Panel';
import { SimpleTable } from '../SimpleTable';
import type { Worker } from '../types';

const COLUMNS = ['Worker', 'State', 'Last sign of life', 'In work', 'Version'];
const SILENT = 'It gave no sign of life lately: it ended, or hangs.';

export function WorkersPanel({ workers }: { workers: Worker[] }) {
  return (
    <Panel title="Workers">
      {workers.length === 0 ? (
        <Typography>No worker runs: notifications are kept, but nothing is fetched. Start one.</Typography>
      ) : (
        <SimpleTable label="Workers" columns={COLUMNS}>
          {workers.map((worker) => (
            <TableRow key={worker.name}>
              <TableCell component="th" scope="row">{worker.name}</TableCell>
              <TableCell>
                <StatusChip kind="health" status={worker.alive ? 'ok' : 'failed'} word={worker.alive ? 'Alive' : 'Silent'} cause={worker.alive ? null : SILENT} />
              </TableCell>
              <TableCell><TimeText at={worker.last_seen_at} /></TableCell>
              <TableCell>{worker.in_flight.toLocaleString('en')}</TableCell>
              <TableCell>{worker.version}</TableCell>
            </TableRow>
          ))}
        </SimpleTable>
      )}
    </Panel>
  );
}
