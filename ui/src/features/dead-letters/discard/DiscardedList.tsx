import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorState, ProblemAlert } from '../../../components/ErrorState';
import { ListSkeleton } from '../../../components/Skeletons';
import { TimeText } from '../../../components/TimeText';
import { useAccountNames } from '../../../components/accountNames';
import { useToast } from '../../../components/toast';
import { problemText } from '../../../lib/problemText';
import { useSteadyRows } from '../../../lib/useSteadyRows';
import { plain } from '../../../lib/words';
import { eventTitle } from '../../events/words';
import { discardedQuery, fetchDiscarded, restore } from '../api';
import { DEAD_LETTERS, GROUPS } from '../keys';
import type { DiscardedDeadLetter } from '../types';

/** What was given up, by whom and why; each can be taken back. */
export function DiscardedList() {
  const head = useQuery(discardedQuery);
  const list = useSteadyRows({ scope: 'discarded', head: head.data, fetchAfter: (after) => fetchDiscarded(after) });
  if (head.isPending) return <ListSkeleton label="Loading what was discarded" />;
  if (head.isError && list.rows.length === 0) {
    return <ErrorState title="What was discarded could not be loaded." error={head.error} onRetry={() => void head.refetch()} />;
  }
  if (list.rows.length === 0) return <EmptyState title="Nothing was discarded." />;
  return (
    <Box sx={{ overflowX: 'auto' }}>
      <Table aria-label="Discarded dead letters">
        <TableHead>
          <TableRow>
            <TableCell>Event</TableCell>
            <TableCell>Account</TableCell>
            <TableCell>Cause</TableCell>
            <TableCell>Discarded</TableCell>
            <TableCell>Why</TableCell>
            <TableCell align="right">Actions</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {list.rows.map((letter) => (
            <Row key={letter.id} letter={letter} />
          ))}
        </TableBody>
      </Table>
      {list.moreError && <Alert severity="error">Older ones could not be loaded: {problemText(list.moreError)}</Alert>}
      {list.hasMore && (
        <Button onClick={list.loadMore} loading={list.isLoadingMore}>
          Show older ones
        </Button>
      )}
    </Box>
  );
}

function Row({ letter }: { letter: DiscardedDeadLetter }) {
  const accountName = useAccountNames();
  const restoring = useRestore(letter.id);
  return (
    <TableRow>
      <TableCell>{eventTitle(letter)}</TableCell>
      <TableCell sx={{ overflowWrap: 'anywhere' }}>{accountName(letter.tenant_id) ?? 'not connected any more'}</TableCell>
      <TableCell>{plain(letter.reason)}</TableCell>
      <TableCell>
        <TimeText at={letter.discarded_at} /> by {letter.discarded_by}
      </TableCell>
      <TableCell sx={{ overflowWrap: 'anywhere', maxWidth: 320 }}>{letter.discard_reason}</TableCell>
      <TableCell align="right">
        {restoring.isSuccess ? (
          'Restored'
        ) : (
          <Button size="small" onClick={() => restoring.mutate()} loading={restoring.isPending}>
            Restore
          </Button>
        )}
        <ProblemAlert error={restoring.error} />
      </TableCell>
    </TableRow>
  );
}

function useRestore(id: string) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: () => restore([id]),
    onSuccess: (restored) =>
      toast(
        restored === 1
          ? { text: 'Restored: it is a dead letter again.', link: { to: `/dead-letters?item=${id}`, label: 'Show' } }
          : { text: 'It was restored or replayed before; nothing changed.', severity: 'info' },
      ),
    onSettled: () => Promise.all([DEAD_LETTERS, GROUPS].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
