import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { ErrorState } from '../../../components/ErrorState';
import { ListSkeleton } from '../../../components/Skeletons';
import { TimelineList } from '../../../components/TimelineList';
import { plain } from '../../../lib/words';
import { tokenEventsQuery } from '../api';
import type { TokenEvent } from '../types';

const FAILED = new Set(['refresh_failed', 'revoked', 'reconnect_required']);

/** What happened to the tokens, the last first. */
export function TokenEvents({ tenantId }: { tenantId: string }) {
  const events = useQuery(tokenEventsQuery(tenantId));
  if (events.isPending) return <ListSkeleton rows={3} label="Loading the token events" />;
  if (events.data === undefined) {
    return <ErrorState title="The token events could not be loaded. The tokens are not affected." error={events.error} onRetry={() => events.refetch()} />;
  }
  if (events.data.items.length === 0) return <Typography color="text.secondary">Nothing yet.</Typography>;
  return <TimelineList label="Token events" items={events.data.items.map(shown)} />;
}

function shown({ at, kind, detail, error }: TokenEvent) {
  return {
    at,
    title: plain(kind),
    text: error ? `${error.cause} ${error.action}` : detail,
    failed: FAILED.has(kind),
  };
}
