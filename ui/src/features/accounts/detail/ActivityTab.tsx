import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { Link as RouterLink } from 'react-router';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorState } from '../../../components/ErrorState';
import { ListSkeleton } from '../../../components/Skeletons';
import { TimelineList } from '../../../components/TimelineList';
import { plain } from '../../../lib/words';
import { accountEventsQuery } from '../api';
import type { AccountDetail, EventOut } from '../types';
import { Panel } from './Panel';

/** What Microsoft announced of this account, and what became of it. */
export function ActivityTab({ account }: { account: AccountDetail }) {
  const events = useQuery(accountEventsQuery(account.id));
  const all = (
    <Link component={RouterLink} to={`/events?account=${account.id}`}>
      Open in Events
    </Link>
  );
  return (
    <Panel title="Newest events" more={all}>
      {events.isPending && <ListSkeleton label="Loading the events" />}
      {events.isError && !events.data && <ErrorState title="Events could not be loaded." error={events.error} onRetry={() => events.refetch()} />}
      {events.data?.items.length === 0 && <EmptyState title="No events yet.">Each notification of Microsoft becomes one.</EmptyState>}
      {events.data && <TimelineList label="Events" items={events.data.items.map(shown)} />}
    </Panel>
  );
}

function shown(event: EventOut) {
  const what = event.kind === 'change' ? `Message ${event.change_type ?? 'changed'}` : plain(event.kind);
  return {
    at: event.received_at,
    title: `${what}: ${event.outcome ? plain(event.outcome).toLowerCase() : event.state}`,
    failed: event.state === 'dead',
    text: (
      <>
        {event.last_error && <Typography variant="body2">{event.last_error}</Typography>}
        <Link component={RouterLink} underline="always" to={`/events?event=${event.id}`}>
          Correlation id {event.correlation_id}
        </Link>
      </>
    ),
  };
}
