import Skeleton from '@mui/material/Skeleton';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '../../../components/ConfirmDialog';
import { ErrorState } from '../../../components/ErrorState';
import { useToast } from '../../../components/toast';
import { discard, previewQuery } from '../api';
import type { Chosen } from '../filters';
import { DEAD_LETTERS, GROUPS } from '../keys';
import { count } from '../replay/PreviewText';

const TYPED_ABOVE = 100;
const LONGEST_REASON = 500;

interface Props {
  chosen: Chosen;
  onClose: () => void;
}

/** Giving dead letters up: with a reason, and for many with their number typed. */
export function DiscardDialog({ chosen, onClose }: Props) {
  const [reason, setReason] = useState('');
  const preview = useQuery(previewQuery(chosen));
  const discarding = useDiscard();
  const total = preview.data?.total ?? 0;
  return (
    <ConfirmDialog
      open
      level={total > TYPED_ABOVE ? 'type-the-name' : 'simple'}
      name={String(total)}
      danger
      title={total === 1 ? 'Discard 1 dead letter?' : `Discard ${total.toLocaleString('en')} dead letters?`}
      confirmLabel="Discard"
      disabled={total === 0 || reason.trim() === ''}
      onClose={onClose}
      onConfirm={() => discarding.mutateAsync({ chosen, reason: reason.trim() })}
    >
      {preview.isPending && <Skeleton variant="text" aria-label="Counting" />}
      {preview.isError && (
        <ErrorState title="They could not be counted." error={preview.error} onRetry={() => void preview.refetch()} />
      )}
      <Typography>
        Flovify stops trying. Nothing changes in the mailbox, and a message that was never stored stays unstored. You can
        restore what was discarded under Discarded.
      </Typography>
      <TextField
        fullWidth
        required
        multiline
        margin="normal"
        label="Reason"
        helperText="Kept with each of them, and in the audit log."
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        slotProps={{ htmlInput: { maxLength: LONGEST_REASON } }}
      />
    </ConfirmDialog>
  );
}

function useDiscard() {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: ({ chosen, reason }: { chosen: Chosen; reason: string }) => discard(chosen, reason),
    onSuccess: (discarded) => toast({ text: `${count(discarded)} discarded.`, link: { to: '/dead-letters?view=discarded', label: 'Show' } }),
    onSettled: () => Promise.all([DEAD_LETTERS, GROUPS].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
