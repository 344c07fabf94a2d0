import Button from '@mui/material/Button';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { ConfirmDialog } from '../../../components/ConfirmDialog';
import { useToast } from '../../../components/toast';
import { Needs } from '../../../lib/role';
import { formatTime } from '../../../lib/time';
import { SUBSCRIPTIONS, recreate, remove } from '../api';
import type { Subscription } from '../types';
import { ownerOf } from '../words';
import { RenewButton } from './RenewButton';

/** Renew, make anew, stop watching. */
export function SubscriptionActions({ subscription }: { subscription: Subscription }) {
  const [asking, setAsking] = useState<'recreate' | 'remove' | null>(null);
  const close = () => setAsking(null);
  return (
    <>
      <RenewButton subscription={subscription} />
      <Needs role="operator">
        <Button variant="outlined" onClick={() => setAsking('recreate')}>
          Recreate
        </Button>
      </Needs>
      <Needs role="administrator">
        <Button variant="outlined" color="error" onClick={() => setAsking('remove')}>
          Remove
        </Button>
      </Needs>
      {asking === 'recreate' && <RecreateDialog subscription={subscription} onClose={close} />}
      {asking === 'remove' && <RemoveDialog subscription={subscription} onClose={close} />}
    </>
  );
}

interface DialogProps {
  subscription: Subscription;
  onClose: () => void;
}

export function RecreateDialog({ subscription, onClose }: DialogProps) {
  const cache = useQueryClient();
  const toast = useToast();
  const confirm = async () => {
    const { expires_at: until } = await recreate(subscription.id);
    toast({ text: `The subscription was made anew. It ends ${formatTime(until)}.` });
    await cache.invalidateQueries({ queryKey: SUBSCRIPTIONS });
  };
  return (
    <ConfirmDialog open onClose={onClose} title={`Recreate the subscription of ${ownerOf(subscription)}?`} confirmLabel="Recreate" onConfirm={confirm}>
      It is removed at Microsoft and made anew, which takes some seconds. Mail that arrives in between is not announced, so
      the folder is looked through afterwards by itself. What is stored stays as it is.
    </ConfirmDialog>
  );
}

function RemoveDialog({ subscription, onClose }: DialogProps) {
  const cache = useQueryClient();
  const toast = useToast();
  const navigate = useNavigate();
  const owner = ownerOf(subscription);
  const confirm = async () => {
    await remove(subscription.id);
    toast({ text: `The subscription of ${owner} was removed.`, link: { to: `/admin/tenants/${subscription.tenant_id}`, label: 'Open the account' } });
    void navigate('/subscriptions');
    await cache.invalidateQueries({ queryKey: SUBSCRIPTIONS });
  };
  return (
    <ConfirmDialog open danger onClose={onClose} title={`Remove the subscription of ${owner}?`} confirmLabel="Remove" onConfirm={confirm}>
      Microsoft stops announcing these messages, so no new ones are stored. The account and its messages stay; a new subscription can be made on the
      account's page.
    </ConfirmDialog>
  );
}
