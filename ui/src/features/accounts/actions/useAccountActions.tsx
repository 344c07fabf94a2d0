import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { useToast } from '../../../components/toast';
import { refreshToken, syncNow } from '../api';
import { ACCOUNTS, TENANTS } from '../keys';
import { ActionDialogs } from './ActionDialogs';
import type { Acting, ActionKind } from './kinds';
import { syncText } from './syncText';

export interface AccountActions {
  start: (kind: ActionKind, account: Acting) => void;
  /** What is under way without a dialog of its own. */
  busy: { kind: ActionKind; id: string } | null;
  /** To be drawn once on the page. */
  dialogs: ReactNode;
}

/** The actions of accounts, with their dialogs, for the list and for the page of one. */
export function useAccountActions(onDisconnected?: () => void): AccountActions {
  const [open, setOpen] = useState<{ kind: ActionKind; account: Acting } | null>(null);
  const call = useCalls();
  const start = (kind: ActionKind, account: Acting) => {
    if (kind === 'sync' || kind === 'refresh') call.mutate({ kind, account });
    else setOpen({ kind, account });
  };
  const running = call.isPending ? call.variables : null;
  return {
    start,
    busy: running && { kind: running.kind, id: running.account.id },
    dialogs: (
      <ActionDialogs
        open={open}
        failed={call.error && { ...call.variables, error: call.error }}
        onClose={() => (open ? setOpen(null) : call.reset())}
        onDisconnected={onDisconnected}
      />
    ),
  };
}

interface Call {
  kind: 'sync' | 'refresh';
  account: Acting;
}

/** The actions that need no question: done at once, told by a toast. */
function useCalls() {
  const cache = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: async ({ kind, account }: Call) => (kind === 'sync' ? syncText(await syncNow(account.id)) : refreshed(account)),
    onSuccess: (text, { kind, account }) => {
      const link = kind === 'sync' ? { link: { to: `/messages?account=${account.id}`, label: 'Show its messages' } } : {};
      toast({ text, ...link });
    },
    // A refusal changes the account as well: it may need a sign-in now.
    onSettled: async () => {
      await cache.invalidateQueries({ queryKey: ACCOUNTS });
      await cache.invalidateQueries({ queryKey: TENANTS });
    },
  });
}

async function refreshed({ id, account_email: email }: Acting): Promise<string> {
  await refreshToken(id);
  return `Microsoft gave a new access token for ${email}.`;
}
