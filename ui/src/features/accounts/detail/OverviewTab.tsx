import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { Link as RouterLink } from 'react-router';
import { KeyValue } from '../../../components/KeyValue';
import { Sparkline } from '../../../components/Sparkline';
import { TimeText } from '../../../components/TimeText';
import type { AccountDetail } from '../types';
import { LightList } from './LightList';
import { PANELS, Panel } from './Panel';
import { SubscriptionLines } from './SubscriptionLines';

/** How it stands, and what came in lately. */
export function OverviewTab({ account }: { account: AccountDetail }) {
  return (
    <Box sx={PANELS}>
      <Panel title="Lights">
        <LightList lights={account.lights} />
      </Panel>
      <Panel title="Mail">
        <Box sx={{ mb: 1.5 }}>
          <Typography variant="body2" color="text.secondary">
            Messages stored in the last 24 hours, by hour
          </Typography>
          <Sparkline values={account.messages_24h} label="Messages stored in the last 24 hours" width={280} height={56} />
        </Box>
        <KeyValue
          items={[
            { label: 'Last message', value: <TimeText at={account.last_message_at} format="both" /> },
            { label: 'Last notification', value: <TimeText at={account.last_notification_at} format="both" /> },
            { label: 'Waiting', value: account.waiting.toLocaleString('en') },
            { label: 'Dead letters', value: <DeadLetters account={account} /> },
          ]}
        />
      </Panel>
      <Panel title="Last messages" more={<Link component={RouterLink} to={`/messages?account=${account.id}`}>All messages</Link>}>
        <LastMessages account={account} />
      </Panel>
      <Panel title="Subscriptions" more={<Link component={RouterLink} to={`/admin/tenants/${account.id}/subscriptions`}>Details</Link>}>
        <SubscriptionLines account={account} />
      </Panel>
    </Box>
  );
}

function DeadLetters({ account: { id, dead_letters: count } }: { account: AccountDetail }) {
  if (count === 0) return 'None';
  return (
    <Link component={RouterLink} to={`/dead-letters?account=${id}`}>
      {count.toLocaleString('en')}
    </Link>
  );
}

function LastMessages({ account }: { account: AccountDetail }) {
  if (account.last_messages.length === 0) {
    return <Typography color="text.secondary">No messages yet. Waiting for the first one…</Typography>;
  }
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none', display: 'grid', gap: 1 }}>
      {account.last_messages.map((message) => (
        <Box component="li" key={message.id} sx={{ display: 'flex', gap: 2, justifyContent: 'space-between', minWidth: 0 }}>
          <Link component={RouterLink} to={`/messages/${message.id}`} noWrap sx={{ minWidth: 0 }}>
            <bdi>{message.subject || '(no subject)'}</bdi>
          </Link>
          <Box component="span" sx={{ whiteSpace: 'nowrap' }}>
            <TimeText at={message.received_at} />
          </Box>
        </Box>
      ))}
    </Box>
  );
}
