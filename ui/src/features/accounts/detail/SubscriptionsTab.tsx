import Link from '@mui/material/Link';
import { Link as RouterLink } from 'react-router';
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
    <Panel title="Subscriptions" more={all}>
      <SubscriptionLines account={account} detailed />
    </Panel>
  );
}
