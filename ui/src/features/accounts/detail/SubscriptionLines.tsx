import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { Link as RouterLink } from 'react-router';
import { ErrorState } from '../../../components/ErrorState';
import { LifetimeBar } from '../../../components/LifetimeBar';
import { ListSkeleton } from '../../../components/Skeletons';
import { StatusChip } from '../../../components/StatusChip';
import { LineActions } from '../../subscriptions/detail/LineActions';
import { SubscribeInbox } from '../../connect/outcome/SubscribeInbox';
import { accountSubscriptionsQuery } from '../api';
import type { AccountDetail, SubscriptionOut } from '../types';

/** The subscriptions of an account with their lifetimes; where there is none, the way to one. */
export function SubscriptionLines({ account, detailed = false }: { account: AccountDetail; detailed?: boolean }) {
  const found = useQuery(accountSubscriptionsQuery(account.id));
  if (found.isPending) return <ListSkeleton rows={1} label="Loading the subscriptions" />;
  if (found.data === undefined) {
    return <ErrorState title="The subscriptions could not be loaded." error={found.error} onRetry={() => found.refetch()} />;
  }
  if (found.data.items.length === 0) return <None account={account} />;
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      {found.data.items.map((one) => (
        <SubscriptionLine key={one.id} subscription={one} detailed={detailed} />
      ))}
    </Box>
  );
}

function SubscriptionLine({ subscription, detailed }: { subscription: SubscriptionOut; detailed: boolean }) {
  return (
    <Box>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center', mb: 0.75 }}>
        <Link component={RouterLink} to={`/subscriptions/${subscription.id}`} sx={{ overflowWrap: 'anywhere', flex: 1, minWidth: 160 }}>
          {subscription.resource}
        </Link>
        <StatusChip kind="subscription" status={subscription.state_word} cause={subscription.last_error} />
      </Box>
      <LifetimeBar subscription={subscription} detailed={detailed} />
      {detailed && <LineActions subscription={subscription} />}
      {subscription.last_error && (
        <Typography variant="body2" color="error" sx={{ mt: 0.5, overflowWrap: 'anywhere' }}>
          {subscription.last_error}
        </Typography>
      )}
    </Box>
  );
}

function None({ account }: { account: AccountDetail }) {
  return (
    <>
      <Typography color="text.secondary">None: Microsoft was not asked to announce new messages of this account.</Typography>
      <SubscribeInbox tenantId={account.id} />
    </>
  );
}
