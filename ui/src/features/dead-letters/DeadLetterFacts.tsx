import Link from '@mui/material/Link';
import { Link as RouterLink } from 'react-router';
import { CopyId } from '../../components/CopyId';
import { KeyValue } from '../../components/KeyValue';
import { TimeText } from '../../components/TimeText';
import { useAccountNames } from '../../components/accountNames';
import { plain } from '../../lib/words';
import type { DeadLetter } from './types';

export function DeadLetterFacts({ letter }: { letter: DeadLetter }) {
  const accountName = useAccountNames();
  return (
    <KeyValue
      labelWidth={140}
      items={[
        { label: 'Cause', value: plain(letter.reason) },
        { label: 'Last error', value: letter.last_error ?? 'None was kept.' },
        { label: 'Attempts', value: `${letter.attempts}, replayed ${letter.replays === 1 ? 'once' : `${letter.replays} times`} before` },
        { label: 'Received', value: <TimeText at={letter.received_at} format="both" /> },
        { label: 'Given up', value: <TimeText at={letter.died_at} format="both" /> },
        {
          label: 'Account',
          value: (
            <Link component={RouterLink} to={`/admin/tenants/${letter.tenant_id}`}>
              {accountName(letter.tenant_id) ?? 'not connected any more'}
            </Link>
          ),
        },
        {
          label: 'Subscription',
          value: (
            <Link component={RouterLink} to={`/subscriptions/${letter.subscription_row_id}`}>
              Open the subscription
            </Link>
          ),
        },
        { label: 'Event', value: <CopyId id={letter.id} label="event id" /> },
        { label: 'Message at Microsoft', value: <CopyId id={letter.message_id} label="message id" /> },
        { label: 'Correlation id', value: <CopyId id={letter.correlation_id} label="correlation id" /> },
      ]}
    />
  );
}
