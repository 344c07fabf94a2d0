import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { Drawer } from '../../components/Drawer';
import { EmptyState } from '../../components/EmptyState';
import { ErrorState } from '../../components/ErrorState';
import { JsonBlock } from '../../components/JsonBlock';
import { DetailSkeleton } from '../../components/Skeletons';
import { ApiProblem } from '../../lib/api/problem';
import { eventTitle } from '../events/words';
import { TracePanel } from '../messages/trace/TracePanel';
import { DeadLetterFacts } from './DeadLetterFacts';
import { deadLetterQuery } from './api';
import type { Chosen } from './filters';
import type { DeadLetter } from './types';

interface Props {
  id: string;
  onClose: () => void;
  onReplay: (chosen: Chosen) => void;
  onDiscard: (chosen: Chosen) => void;
}

/** One dead letter: why, its way with every attempt, and what can be done. */
export function DeadLetterDrawer({ id, onClose, onReplay, onDiscard }: Props) {
  const letter = useQuery({ ...deadLetterQuery(id), enabled: id !== '' });
  const actions = letter.data && !letter.isError && (
    <>
      <Button size="small" variant="contained" onClick={() => onReplay({ ids: [id] })}>
        Replay
      </Button>
      <Button size="small" color="error" onClick={() => onDiscard({ ids: [id] })}>
        Discard
      </Button>
    </>
  );
  return (
    <Drawer open={id !== ''} onClose={onClose} title={letter.data ? eventTitle(letter.data) : 'Dead letter'} actions={actions}>
      <Body id={id} letter={letter} />
    </Drawer>
  );
}

function Body({ id, letter }: { id: string; letter: ReturnType<typeof useQuery<DeadLetter>> }) {
  if (letter.isError && letter.error instanceof ApiProblem && letter.error.status === 404) return <NoMore id={id} />;
  if (letter.isError) {
    return <ErrorState title="This dead letter could not be loaded." error={letter.error} onRetry={() => void letter.refetch()} />;
  }
  if (letter.isPending) return <DetailSkeleton label="Loading the dead letter" />;
  return (
    <Stack spacing={3}>
      <DeadLetterFacts letter={letter.data} />
      <Trace id={id} />
      <section aria-label="Notification">
        <Typography variant="h3" gutterBottom>
          Notification
        </Typography>
        <JsonBlock value={letter.data.item} label="the notification as JSON" />
      </section>
    </Stack>
  );
}

/** Replayed or discarded meanwhile: its event tells the rest. */
function NoMore({ id }: { id: string }) {
  return (
    <Stack spacing={3}>
      <EmptyState
        title="This is no dead letter any more."
        actions={
          <Button component={Link} to={`/events?event=${id}`} variant="outlined">
            Open the event
          </Button>
        }
      >
        It was replayed or discarded meanwhile.
      </EmptyState>
      <Trace id={id} />
    </Stack>
  );
}

function Trace({ id }: { id: string }) {
  return (
    <section aria-label="Trace">
      <Typography variant="h3" gutterBottom>
        Trace
      </Typography>
      <TracePanel key={id} of={{ eventId: id }} />
    </section>
  );
}
