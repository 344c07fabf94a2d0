import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { Link as RouterLink } from 'react-router';
import { LabelledId } from '../../../components/LabelledId';
import { ErrorState } from '../../../components/ErrorState';
import { TimeText } from '../../../components/TimeText';
import type { TraceOf } from '../api';
import { traceQuery } from '../api';
import type { Trace } from '../types';
import { TraceTimeline } from './TraceTimeline';
import { TRACE_STATE_WORDS } from './words';

const ON_ITS_WAY_MS = 1000;

/** The trace of a message or an event; it fills by itself while the event is on its way. */
export function TracePanel({ of }: { of: TraceOf }) {
  const trace = useQuery({
    ...traceQuery(of),
    refetchInterval: ({ state }) => (state.data?.state === 'waiting' ? ON_ITS_WAY_MS : false),
  });
  if (trace.isPending) return <TraceSkeleton />;
  if (trace.isError) {
    return <ErrorState title="The trace could not be loaded." error={trace.error} onRetry={() => trace.refetch()} />;
  }
  return (
    <>
      <Typography variant="body2" sx={{ mb: 1 }} role="status">
        {TRACE_STATE_WORDS[trace.data.state]}
      </Typography>
      <TraceTimeline trace={trace.data} />
      <TraceFacts trace={trace.data} />
    </>
  );
}

function TraceFacts({ trace }: { trace: Trace }) {
  return (
    <Box sx={{ mt: 2 }}>
      {trace.correlation_id && <LabelledId label="Correlation id" id={trace.correlation_id} />}
      {trace.other_events.length > 0 && (
        <>
          <Typography variant="subtitle2" component="h4" sx={{ mt: 1 }}>
            Other events of this message
          </Typography>
          <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
            {trace.other_events.map((event) => (
              <Typography key={event.id} component="li" variant="body2">
                <Link component={RouterLink} underline="always" to={`/events?event=${event.id}`}>
                  {event.change_type ?? 'event'}
                </Link>{' '}
                <TimeText at={event.at} />, {event.outcome ?? 'not settled yet'}
              </Typography>
            ))}
          </Box>
        </>
      )}
    </Box>
  );
}

function TraceSkeleton() {
  return (
    <Box aria-busy="true" aria-label="Loading the trace">
      {Array.from({ length: 5 }, (_, index) => (
        <Skeleton key={index} variant="text" height={44} />
      ))}
    </Box>
  );
}
