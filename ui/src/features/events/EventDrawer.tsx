import Button from '@mui/material/Button';
import Skeleton from '@mui/material/Skeleton';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { LabelledId } from '../../components/LabelledId';
import { Drawer } from '../../components/Drawer';
import { ErrorState } from '../../components/ErrorState';
import { JsonBlock } from '../../components/JsonBlock';
import { TimeText } from '../../components/TimeText';
import { TracePanel } from '../messages/trace/TracePanel';
import { eventDetailQuery } from './api';
import type { EventDetail } from './types';
import { eventState, eventTitle } from './words';

/** One event: what became of it, its way, and the notification as Microsoft sent it. */
export function EventDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const event = useQuery({ ...eventDetailQuery(id), enabled: id !== '' });
  return (
    <Drawer open={id !== ''} onClose={onClose} title={event.data ? eventTitle(event.data) : 'Event'}>
      {event.isError && (
        <ErrorState title="This event could not be loaded." error={event.error} onRetry={() => event.refetch()} />
      )}
      {event.isPending && <Skeleton variant="rounded" height={240} aria-label="Loading the event" />}
      {event.data && <Content event={event.data} />}
    </Drawer>
  );
}

function Content({ event }: { event: EventDetail }) {
  return (
    <Stack spacing={3}>
      <Summary event={event} />
      <section aria-label="Trace">
        <Typography variant="subtitle1" component="h3" gutterBottom>
          Trace
        </Typography>
        <TracePanel key={event.id} of={{ eventId: event.id }} />
      </section>
      <section aria-label="Notification">
        <Typography variant="subtitle1" component="h3">
          Notification
        </Typography>
        <Typography variant="body2" color="text.secondary" gutterBottom>
          As Microsoft sent it, without its secret.
        </Typography>
        <JsonBlock value={event.item} label="the notification as JSON" />
      </section>
    </Stack>
  );
}

function Summary({ event }: { event: EventDetail }) {
  return (
    <Stack spacing={1} sx={{ alignItems: 'flex-start' }}>
      <Typography variant="body2">{eventState(event).means}</Typography>
      <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
        {event.account_email ?? 'The account is not connected any more'}, received{' '}
        <TimeText at={event.received_at} format="absolute" />
      </Typography>
      {event.last_error && (
        <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
          Last error: {event.last_error}
        </Typography>
      )}
      <Stack direction="row" sx={{ flexWrap: 'wrap', gap: 1 }}>
        {event.stored_message_id && (
          <Button component={Link} to={`/messages/${event.stored_message_id}`} size="small" variant="outlined">
            Open the message
          </Button>
        )}
        {event.state === 'dead' && (
          <Button component={Link} to={`/dead-letters?item=${event.id}`} size="small" variant="outlined">
            Open the dead letter
          </Button>
        )}
        <Button component={Link} to={`/admin/tenants/${event.tenant_id}`} size="small">
          Open the account
        </Button>
        {event.subscription_row_id && (
          <Button component={Link} to={`/subscriptions/${event.subscription_row_id}`} size="small">
            Open the subscription
          </Button>
        )}
      </Stack>
      <LabelledId label="Event" id={event.id} />
      {event.message_id && <LabelledId label="Message at Microsoft" id={event.message_id} />}
    </Stack>
  );
}
