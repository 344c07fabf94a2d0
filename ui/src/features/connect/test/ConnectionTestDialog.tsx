import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useEffect, useId } from 'react';
import { ProblemAlert } from '../../../components/ErrorState';
import { ConnectionTestSteps } from './ConnectionTestSteps';
import { useConnectionTest } from './useConnectionTest';

interface Props {
  account: { id: string; account_email: string };
  onClose: () => void;
}

/** Tests a connection at once, step by step. Closing it ends the test; what it made at Microsoft is removed. */
export function ConnectionTestDialog({ account, onClose }: Props) {
  const titleId = useId();
  const { test, run } = useConnectionTest(account.id);
  useEffect(run, [run]);
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby={titleId}>
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        Test of {account.account_email}
      </DialogTitle>
      <DialogContent>
        <Stack spacing={2}>
          <Typography variant="body2" color="text.secondary">
            Makes a subscription of its own for a moment and puts a draft into the mailbox, to see it announced. Both are removed.
          </Typography>
          <ConnectionTestSteps test={test} mailbox={account.account_email} />
          {test.state === 'passed' && <Alert severity="success" role="status">Everything works.</Alert>}
          {test.state === 'failed' && <Alert severity="error">The test failed. The step above says why.</Alert>}
          {test.state === 'broken' && <ProblemAlert error={test.error} />}
        </Stack>
      </DialogContent>
      <DialogActions>
        {test.state !== 'running' && <Button onClick={run}>Test again</Button>}
        <Button variant="contained" onClick={onClose}>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}
