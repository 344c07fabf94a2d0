import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import CircularProgress from '@mui/material/CircularProgress';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { ErrorState } from '../../../components/ErrorState';
import { traceQuery } from '../../messages/api';
import { TracePanel } from '../../messages/trace/TracePanel';
import { eventOfMessageQuery } from '../api';
import type { SentTestMessage } from '../types';

const LOOK_MS = 500;
const MOST_LOOKS = 60;

interface Props {
  sent: SentTestMessage;
  connected: boolean;
}

/** What becomes of a message that was just sent: its trace fills as it goes. */
export function SentMessage({ sent, connected }: Props) {
  const event = useQuery({
    ...eventOfMessageQuery(sent.id),
    enabled: connected,
    refetchInterval: ({ state }) => (!state.data && state.dataUpdateCount < MOST_LOOKS ? LOOK_MS : false),
  });
  if (!connected) {
    return (
      <Alert severity="info" sx={{ mt: 2 }}>
        Delivered. This mailbox is not connected, so Flovify does not hear of it: connect it first.
      </Alert>
    );
  }
  if (event.isError) return <ErrorState title="The message was sent; its way could not be loaded." error={event.error} onRetry={() => void event.refetch()} />;
  if (!event.data) return <NotAnnounced waited={event.isFetchedAfterMount && !event.isFetching} />;
  return (
    <Box sx={{ mt: 2 }}>
      <TracePanel of={{ eventId: event.data.id }} />
      <OpenIt eventId={event.data.id} />
    </Box>
  );
}

function NotAnnounced({ waited }: { waited: boolean }) {
  return (
    <Box role="status" sx={{ display: 'flex', gap: 1, alignItems: 'center', mt: 2 }}>
      <CircularProgress size={18} aria-label="Waiting" />
      {waited ? 'Delivered. Its notification has not come yet.' : 'Delivered. Waiting for its notification.'}
    </Box>
  );
}

/** The way on: to the message, or to the dead letter. */
function OpenIt({ eventId }: { eventId: string }) {
  const trace = useQuery(traceQuery({ eventId }));
  if (trace.data?.message_id) {
    return (
      <Button component={Link} to={`/messages/${trace.data.message_id}`} variant="outlined" sx={{ mt: 1 }}>
        Open the message
      </Button>
    );
  }
  if (trace.data?.state === 'dead') {
    return (
      <Button component={Link} to={`/dead-letters?item=${eventId}`} variant="outlined" sx={{ mt: 1 }}>
        Open the dead letter
      </Button>
    );
  }
  return null;
}
