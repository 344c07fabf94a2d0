import Button from '@mui/material/Button';
import Box from '@mui/material/Box';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '../../../components/ErrorState';
import { useToast } from '../../../components/toast';
import { Needs } from '../../../lib/role';
import { formatTime } from '../../../lib/time';
import { SUBSCRIPTIONS, renew } from '../api';
import type { Subscription } from '../types';

/** Needs no question: the expiry only moves. */
export function RenewButton({ subscription }: { subscription: Subscription }) {
  const cache = useQueryClient();
  const toast = useToast();
  const renewal = useMutation({
    mutationFn: () => renew(subscription.id),
    onSuccess: ({ expires_at: until }) => toast({ text: `Renewed. It ends ${formatTime(until)}.` }),
    // Also a failure changed something: its cause stands in the timeline.
    onSettled: () => cache.invalidateQueries({ queryKey: SUBSCRIPTIONS }),
  });
  return (
    <>
      <Needs role="operator">
        <Button variant="contained" loading={renewal.isPending} onClick={() => renewal.mutate()}>
          Renew now
        </Button>
      </Needs>
      {renewal.error && (
        <Box sx={{ flexBasis: '100%' }}>
          <ProblemAlert error={renewal.error} prefix="It was not renewed." />
        </Box>
      )}
    </>
  );
}
