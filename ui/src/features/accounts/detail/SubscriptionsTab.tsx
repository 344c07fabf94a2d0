import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import { Link as RouterLink } from 'react-router';
import { GapList } from '../../subscriptions/gaps/GapList';
import type { AccountDetail } from '../types';
import { Panel } from './Panel';
import { SubscriptionLines } from './SubscriptionLines';

export function SubscriptionsTab({ account }: { account: AccountDetail }) {
  const all = (
    <Link component={RouterLink} to={`/subscriptions?q=${encodeURIComponent(account.account_email)}`}>
      Open in Subscriptions
    </Link>
  );
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      <Panel title="Subscriptions" more={all}>
        <SubscriptionLines account={account} detailed />
      </Panel>
      <Panel title="Gaps and what was recovered">
        <GapList tenantId={account.id} />
      </Panel>
    </Box>
  );
}
