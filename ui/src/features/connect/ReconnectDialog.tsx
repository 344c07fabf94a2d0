import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Divider from '@mui/material/Divider';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useId } from 'react';
import { ProblemAlert } from '../../components/ErrorState';
import { MakeLink } from './links/MakeLink';
import { useFlow } from './useFlow';

interface Props {
  account: { id: string; account_email: string; access: 'delegated' | 'application' | 'shared' };
  onClose: () => void;
  /** For accounts whose organisation approves them, nobody signs in. */
  onConsent: () => void;
}

const TEXTS = {
  delegated: (address: string) => `Sign in at Microsoft as ${address}. Another account is refused, and then nothing is changed.`,
  application: () => 'This mailbox is read by permission of its organisation: an administrator there approves the app again.',
  shared: (address: string) => `Somebody who may read ${address} signs in at Microsoft; it need not be the same person as before.`,
};

/** Connects an account again: its owner signs in here or by a link, or its organisation approves again. */
export function ReconnectDialog({ account, onClose, onConsent }: Props) {
  const titleId = useId();
  const flow = useFlow();
  const delegated = account.access === 'delegated';
  const signsIn = account.access !== 'application';
  const begin = () => (signsIn ? flow.begin({ begin: 'authorize', tenantId: account.id }) : onConsent());
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby={titleId}>
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        Reconnect {account.account_email}?
      </DialogTitle>
      <DialogContent>
        <Stack spacing={2}>
          <Typography>
            {TEXTS[account.access](account.account_email)}
          </Typography>
          <Typography>
            The account keeps its id, its messages and its subscriptions. Mail that came meanwhile is fetched afterwards; that
            takes seconds, after days some minutes.
          </Typography>
          {signsIn && (
            <>
              <Divider />
              <Typography variant="h3" component="h3">
                {delegated ? 'Not your mailbox? Send its owner a link' : 'May you not read it? Send somebody who may a link'}
              </Typography>
              <MakeLink purpose="mailbox" tenantId={account.id} />
            </>
          )}
          <ProblemAlert error={flow.error} />
        </Stack>
      </DialogContent>
      <DialogActions>
        {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the harmless answer is the one that Enter gives */}
        <Button autoFocus onClick={onClose}>
          Cancel
        </Button>
        <Button variant="contained" onClick={begin} loading={flow.isLeaving}>
          {signsIn ? 'Reconnect at Microsoft' : 'Reconnect by admin consent'}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
