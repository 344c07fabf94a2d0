import Alert from '@mui/material/Alert';
import AlertTitle from '@mui/material/AlertTitle';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '../../../components/ErrorState';
import { TimeText } from '../../../components/TimeText';
import { useToast } from '../../../components/toast';
import { Needs } from '../../../lib/role';
import { undo } from '../api';
import type { Breakage, SandboxMailbox } from '../types';
import { refreshAfterBreaking } from './refresh';

interface Props {
  breakages: Breakage[];
  mailboxes: SandboxMailbox[];
}

/** What is broken on purpose just now, each with its way back. */
export function ActiveBreakages({ breakages, mailboxes }: Props) {
  const addressOf = (id: string | null) => mailboxes.find((one) => one.tenant_id !== null && one.tenant_id === id)?.address;
  return (
    <Box role="status" sx={{ display: 'grid', gap: 1, mb: breakages.length > 0 ? 2 : 0 }}>
      {breakages.map((breakage) => (
        <ActiveBreakage key={breakage.id} breakage={breakage} address={addressOf(breakage.account_id)} />
      ))}
    </Box>
  );
}

function ActiveBreakage({ breakage, address }: { breakage: Breakage; address: string | undefined }) {
  const client = useQueryClient();
  const toast = useToast();
  const undoing = useMutation({
    mutationFn: () => undo(breakage.id),
    onSuccess: ({ detail, link }) => toast({ text: detail, ...(link && { link: { to: link, label: 'Open the account' } }) }),
    onSettled: () => refreshAfterBreaking(client),
  });
  return (
    <Alert severity="warning" data-broken={breakage.kind}>
      <AlertTitle>
        {breakage.title}
        {address && `: ${address}`}
      </AlertTitle>
      {breakage.what_will_happen} Since <TimeText at={breakage.since} />.
      <Box sx={{ mt: 1 }}>
        <Needs role="operator">
          <Button size="small" variant="outlined" color="inherit" loading={undoing.isPending} onClick={() => undoing.mutate()}>
            {breakage.undo_label}
          </Button>
        </Needs>
      </Box>
      <ProblemAlert error={undoing.error} />
    </Alert>
  );
}
