import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useId } from 'react';
import { ErrorState } from '../../../components/ErrorState';
import { ACTIONS } from './kinds';
import type { Acting, ActionKind } from './kinds';

interface Props {
  kind: ActionKind;
  account: Acting;
  error: Error;
  onClose: () => void;
}

/** Why an action without a dialog of its own did not work. A toast would be gone before it was read and copied. */
export function ActionFailed({ kind, account, error, onClose }: Props) {
  const titleId = useId();
  const label = ACTIONS.find((one) => one.kind === kind)?.label ?? kind;
  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby={titleId} role="alertdialog">
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        {label}: not done
      </DialogTitle>
      <DialogContent>
        <ErrorState title={account.account_email} error={error} />
      </DialogContent>
      <DialogActions>
        <Button variant="contained" onClick={onClose}>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}
