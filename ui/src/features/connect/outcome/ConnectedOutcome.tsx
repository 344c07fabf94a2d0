import Button from '@mui/material/Button';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { ErrorState } from '../../../components/ErrorState';
import { DetailSkeleton } from '../../../components/Skeletons';
import { Needs } from '../../../lib/role';
import { accountQuery } from '../account';
import { ConnectionTestDialog } from '../test/ConnectionTestDialog';
import { FirstMessage } from './FirstMessage';
import type { OutcomeProps } from './OutcomeDialog';

// The live stream tells at once; this is for when it is off.
const LOOK_AGAIN_MS = 3000;

/** A mailbox is connected: how its first message comes in, live. */
export function ConnectedOutcome({ tenantId, titleId, close }: OutcomeProps & { tenantId: string }) {
  const account = useQuery({
    ...accountQuery(tenantId),
    refetchInterval: ({ state }) => (state.data?.last_messages.length ? false : LOOK_AGAIN_MS),
  });
  const [testing, setTesting] = useState(false);
  return (
    <>
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        {account.data ? `${account.data.account_email} is connected` : 'The mailbox is connected'}
      </DialogTitle>
      <DialogContent>
        {account.isPending && <DetailSkeleton label="Loading the account" />}
        {account.isError && !account.data && (
          <ErrorState title="The mailbox is connected, but its state could not be loaded." error={account.error} onRetry={() => account.refetch()} />
        )}
        {account.data && <FirstMessage account={account.data} />}
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2, flexWrap: 'wrap', gap: 1 }}>
        {account.data && (
          <Needs role="operator">
            <Button onClick={() => setTesting(true)}>Test the connection</Button>
          </Needs>
        )}
        <Button component={Link} to={`/admin/tenants/${tenantId}`}>
          Open the account
        </Button>
        <Button variant="contained" onClick={close}>
          Done
        </Button>
      </DialogActions>
      {testing && account.data && <ConnectionTestDialog account={account.data} onClose={() => setTesting(false)} />}
    </>
  );
}
