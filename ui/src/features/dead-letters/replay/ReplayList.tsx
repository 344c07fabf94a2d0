import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { useQuery } from '@tanstack/react-query';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorState } from '../../../components/ErrorState';
import { PlainTime } from '../../../components/PlainTime';
import { RowLink } from '../../../components/RowLink';
import { ListSkeleton } from '../../../components/Skeletons';
import { StatusChip } from '../../../components/StatusChip';
import { replaysQuery } from '../api';
import type { Replay } from '../types';
import { replaySentence } from './words';

/** The replays that were started, the last first. */
export function ReplayList() {
  const replays = useQuery(replaysQuery);
  if (replays.isPending) return <ListSkeleton label="Loading replays" />;
  if (replays.isError) {
    return <ErrorState title="Replays could not be loaded." error={replays.error} onRetry={() => void replays.refetch()} />;
  }
  if (replays.data.items.length === 0) {
    return <EmptyState title="No replays yet.">Choose dead letters and replay them; what became of each stands here then.</EmptyState>;
  }
  return (
    <Box sx={{ overflowX: 'auto' }}>
      <Table aria-label="Replays">
        <TableHead>
          <TableRow>
            <TableCell>Started</TableCell>
            <TableCell>State</TableCell>
            <TableCell>Outcome</TableCell>
            <TableCell>By</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {replays.data.items.map((replay) => (
            <Row key={replay.id} replay={replay} />
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

function Row({ replay }: { replay: Replay }) {
  return (
    <TableRow hover sx={{ position: 'relative' }}>
      <TableCell>
        <RowLink to={`/dead-letters/replays/${replay.id}?view=replays`}>
          <PlainTime at={replay.started_at} />
        </RowLink>
      </TableCell>
      <TableCell>
        <StatusChip kind="replay" status={replay.state} />
      </TableCell>
      <TableCell>{replaySentence(replay)}</TableCell>
      <TableCell sx={{ overflowWrap: 'anywhere' }}>{replay.started_by}</TableCell>
    </TableRow>
  );
}
