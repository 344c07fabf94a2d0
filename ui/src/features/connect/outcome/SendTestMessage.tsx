import Button from '@mui/material/Button';
import { useMutation } from '@tanstack/react-query';
import { ProblemAlert } from '../../../components/ErrorState';
import { Needs } from '../../../lib/role';
import { sendSandboxMessage } from '../sandbox';

/** In the sandbox nobody else writes, so the console can have a message sent. */
export function SendTestMessage({ address }: { address: string }) {
  const send = useMutation({ mutationFn: () => sendSandboxMessage(address) });
  return (
    <>
      <div>
        <Needs role="operator">
          <Button size="small" variant="outlined" loading={send.isPending} onClick={() => send.mutate()} sx={{ mt: 1 }}>
            Send a test message
          </Button>
        </Needs>
      </div>
      {send.isSuccess && <span role="status">Sent. It should be here in a few seconds.</span>}
      <ProblemAlert error={send.error} />
    </>
  );
}
