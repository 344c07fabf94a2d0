import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '../../../components/ErrorState';
import { useToast } from '../../../components/toast';
import { Needs } from '../../../lib/role';
import { breakIt } from '../api';
import type { BreakageKind } from '../types';
import { refreshAfterBreaking } from './refresh';

interface Props {
  kind: BreakageKind;
  accountId: string | null;
  isBroken: boolean;
}

/** One thing to break. It can be undone, so that nothing is asked before. */
export function BreakageCard({ kind, accountId, isBroken }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const breaking = useMutation({
    mutationFn: () => breakIt(kind.kind, accountId),
    onSuccess: (made) => toast({ text: `Broken: ${made.title}.`, severity: 'warning' }),
    onSettled: () => refreshAfterBreaking(client),
  });
  const impossible = isBroken || (kind.needs_account && accountId === null);
  return (
    <Box component="li" data-kind={kind.kind} sx={{ display: 'flex', flexDirection: 'column', border: 1, borderColor: 'divider', borderRadius: 1, p: 1.5 }}>
      <Typography variant="h3">{kind.title}</Typography>
      <Typography variant="body2" color="text.secondary" sx={{ flex: 1, my: 0.5 }}>
        {kind.what_will_happen}
      </Typography>
      <Box>
        <Needs role="operator">
          <Button
            size="small"
            variant="outlined"
            color="warning"
            disabled={impossible}
            loading={breaking.isPending}
            onClick={() => breaking.mutate()}
            aria-label={`${isBroken ? 'Broken' : 'Break it'}: ${kind.title}`}
          >
            {isBroken ? 'Broken' : 'Break it'}
          </Button>
        </Needs>
      </Box>
      <ProblemAlert error={breaking.error} />
    </Box>
  );
}
