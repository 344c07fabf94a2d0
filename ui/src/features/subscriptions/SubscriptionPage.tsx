import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import CardContent from '@mui/material/CardContent';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useParams } from 'react-router';
import { ErrorState } from '../../components/ErrorState';
import { LifetimeBar } from '../../components/LifetimeBar';
import { Page } from '../../components/Page';
import { DetailSkeleton } from '../../components/Skeletons';
import { StaleBar, staleSince } from '../../components/StaleBar';
import { StatusChip } from '../../components/StatusChip';
import { subscriptionQuery } from './api';
import { Facts } from './detail/Facts';
import { LastError } from './detail/LastError';
import { SubscriptionActions } from './detail/SubscriptionActions';
import { Timeline } from './detail/Timeline';
import { ownerOf, resourceWord } from './words';

const TRAIL = [{ to: '/subscriptions', label: 'Subscriptions' }];

/** One subscription: its life, its facts, and what happened to it. */
export function SubscriptionPage() {
  const { id = '' } = useParams();
  const found = useQuery(subscriptionQuery(id));
  const { data } = found;
  if (data === undefined) {
    return (
      <Page title="Subscription" breadcrumbs={TRAIL}>
        {found.isPending && <DetailSkeleton label="Loading the subscription" />}
        {found.isError && <ErrorState title="This subscription could not be loaded." error={found.error} onRetry={() => found.refetch()} />}
        {found.isError && <Timeline id={id} />}
      </Page>
    );
  }
  return (
    <Page
      title={`${resourceWord(data.resource)} of ${ownerOf(data)}`}
      breadcrumbs={TRAIL}
      beside={<StatusChip kind="subscription" status={data.state_word} cause={data.last_error} size="medium" />}
      actions={<SubscriptionActions subscription={data} />}
    >
      <StaleBar since={staleSince(found)} onRetry={() => void found.refetch()} />
      <LastError subscription={data} />
      <Box sx={{ display: 'grid', gap: 2 }}>
        <Part title="Lifetime">
          <LifetimeBar subscription={data} detailed />
        </Part>
        <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' }, alignItems: 'start' }}>
          <Part title="Facts">
            <Facts subscription={data} />
          </Part>
          <Part title="Timeline">
            <Timeline id={data.id} />
          </Part>
        </Box>
      </Box>
    </Page>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card component="section" aria-label={title}>
      <CardContent>
        <Typography variant="h2" component="h2" gutterBottom>
          {title}
        </Typography>
        {children}
      </CardContent>
    </Card>
  );
}
