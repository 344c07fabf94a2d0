import { queryOptions } from '@tanstack/react-query';
import type { SandboxMailbox } from '../../lib/api/generated/api';
import { getSandbox, sendTestMessage } from '../../lib/api/generated/api';

export type { SandboxMailbox };

export const sandboxQuery = queryOptions({
  queryKey: ['api', 'sandbox'],
  queryFn: async ({ signal }) => (await getSandbox({ signal, throwOnError: true })).data,
});

/** Have the sandbox put a message into a mailbox, which then announces it like Microsoft. */
export async function sendSandboxMessage(address: string): Promise<void> {
  await sendTestMessage({ body: { address }, throwOnError: true });
}
