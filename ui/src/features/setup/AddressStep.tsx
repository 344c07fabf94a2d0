import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { CopyId } from '../../components/CopyId';
import { ErrorState } from '../../components/ErrorState';
import { CardSkeleton } from '../../components/Skeletons';
import { WebhookCheck } from '../../components/WebhookCheck';
import { webhookQuery } from './api';

/** Which address Microsoft will call, and whether it answers. */
export function AddressStep({ sandbox, onDone }: { sandbox: boolean; onDone: () => void }) {
  const system = useQuery(webhookQuery());
  const [good, setGood] = useState(false);
  return (
    <Box>
      <Typography sx={{ mb: 1 }}>Microsoft sends its notifications to this address:</Typography>
      {system.isPending && <CardSkeleton height={32} />}
      {system.isError && <ErrorState title="The address could not be loaded." error={system.error} onRetry={() => system.refetch()} />}
      {system.data && <CopyId full id={system.data.webhook_url} label="webhook address" />}
      <Alert severity="info" sx={{ my: 2 }}>
        {sandbox
          ? 'The sandbox runs on this machine and reaches it as it is. Real mailboxes need a public HTTPS address: set PUBLIC_URL, or use a tunnel.'
          : 'It must be reachable from the Internet by HTTPS, with a certificate of a public authority. Behind a firewall, use a tunnel.'}
      </Alert>
      <WebhookCheck onChecked={setGood} />
      <Box sx={{ display: 'flex', justifyContent: 'flex-end', mt: 2 }}>
        <Button variant={good ? 'contained' : 'text'} onClick={onDone}>
          {good ? 'Next' : 'Skip for now'}
        </Button>
      </Box>
    </Box>
  );
}
