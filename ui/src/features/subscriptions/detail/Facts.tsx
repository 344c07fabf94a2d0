import Link from '@mui/material/Link';
import { Link as RouterLink } from 'react-router';
import { CopyId } from '../../../components/CopyId';
import { KeyValue } from '../../../components/KeyValue';
import { TimeText } from '../../../components/TimeText';
import { formatDuration } from '../../../lib/time';
import type { Subscription } from '../types';
import { happened, modeWord, ownerOf, proofWord } from '../words';

export function Facts({ subscription }: { subscription: Subscription }) {
  const { last_lifecycle: lifecycle, validation_ms: validation } = subscription;
  return (
    <KeyValue
      items={[
        {
          label: 'Account',
          value: (
            <Link component={RouterLink} to={`/admin/tenants/${subscription.tenant_id}`}>
              <bdi>{ownerOf(subscription)}</bdi>
            </Link>
          ),
        },
        { label: 'Resource', value: <code>{subscription.resource}</code> },
        { label: 'Changes', value: subscription.change_types.join(', ') },
        { label: "Graph's ID", value: <CopyId id={subscription.subscription_id} label="Graph's subscription ID" /> },
        { label: 'ID here', value: <CopyId id={subscription.id} label="subscription ID" /> },
        { label: 'Notified host', value: hostOf(subscription.notification_url) },
        { label: 'clientState', value: 'Set; never shown' },
        { label: 'Made in', value: validation === null ? 'Not measured' : `${formatDuration(validation)}, with Microsoft's call of our webhook` },
        { label: 'Created', value: <TimeText at={subscription.created_at} format="both" /> },
        { label: 'Renewals', value: subscription.renewals.toLocaleString('en') },
        { label: 'Failed renewals in a row', value: subscription.renewal_failures.toLocaleString('en') },
        { label: 'Mode', value: modeWord(subscription.mode) },
        {
          label: 'Last proven alive',
          value: <><TimeText at={subscription.proven_at} format="both" /> {proofWord(subscription.proven_by)}</>,
        },
        { label: 'Last notification', value: <TimeText at={subscription.last_notification_at} format="both" /> },
        {
          label: 'Last lifecycle event',
          value: lifecycle === null ? 'None' : <>{happened(lifecycle.kind)}: {lifecycle.outcome}. <TimeText at={lifecycle.at} format="both" /></>,
        },
      ]}
    />
  );
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}
