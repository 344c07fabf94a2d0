import Button from '@mui/material/Button';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '../../../components/ErrorState';
import { Needs } from '../../../lib/role';
import { subscribeInbox } from '../account';
import { ACCOUNTS } from '../keys';

/** For an account that was connected without a subscription. */
export function SubscribeInbox({ tenantId }: { tenantId: string }) {
  const cache = useQueryClient();
  const subscribe = useMutation({
    mutationFn: () => subscribeInbox(tenantId),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ACCOUNTS });
      await cache.invalidateQueries({ queryKey: ['api', 'subscriptions'] });
    },
  });
  return (
    <>
      <Needs role="administrator">
        <Button size="small" variant="outlined" loading={subscribe.isPending} onClick={() => subscribe.mutate()} sx={{ mt: 1 }}>
          Subscribe the inbox
        </Button>
      </Needs>
      <ProblemAlert error={subscribe.error} />
    </>
  );
}
