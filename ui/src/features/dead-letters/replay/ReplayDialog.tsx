import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import Skeleton from '@mui/material/Skeleton';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { ConfirmDialog } from '../../../components/ConfirmDialog';
import { ErrorState } from '../../../components/ErrorState';
import { previewQuery, startReplay } from '../api';
import type { Chosen } from '../filters';
import { DEAD_LETTERS, GROUPS, REPLAYS } from '../keys';
import { newKey } from '../newKey';
import type { ReplayPreview } from '../types';
import { PreviewText } from './PreviewText';

const RATES = [1, 5, 20, 100];
const USUAL_RATE = 20;

interface Props {
  chosen: Chosen;
  onClose: () => void;
}

/** What a replay would do, and the button that does it. One dialog is one replay, however often the button is pressed. */
export function ReplayDialog({ chosen, onClose }: Props) {
  const [key] = useState(newKey);
  const [excludeBlocked, setExcludeBlocked] = useState(true);
  const [perSecond, setPerSecond] = useState(USUAL_RATE);
  const preview = useQuery(previewQuery(chosen));
  const start = useStart();
  const count = preview.data ? willReplay(preview.data, excludeBlocked) : 0;
  return (
    <ConfirmDialog
      open
      level="preview"
      title="Replay dead letters?"
      confirmLabel={count === 1 ? 'Replay 1 dead letter' : `Replay ${count.toLocaleString('en')} dead letters`}
      disabled={count === 0}
      onClose={onClose}
      onConfirm={() => start.mutateAsync({ chosen, key, excludeBlocked, perSecond })}
    >
      {preview.isPending && <Skeleton variant="rounded" height={160} aria-label="Counting" />}
      {preview.isError && (
        <ErrorState title="The preview could not be made." error={preview.error} onRetry={() => preview.refetch()} />
      )}
      {preview.data && (
        <Stack spacing={2}>
          <PreviewText preview={preview.data} />
          {preview.data.will_fail_again.count > 0 && (
            <FormControlLabel
              control={<Checkbox checked={excludeBlocked} onChange={(_event, on) => setExcludeBlocked(on)} />}
              label={`Leave out the ${preview.data.will_fail_again.count.toLocaleString('en')} that would fail again`}
            />
          )}
          <TextField
            select
            size="small"
            label="At most"
            value={perSecond}
            onChange={(event) => setPerSecond(Number(event.target.value))}
            sx={{ maxWidth: 200 }}
          >
            {RATES.map((rate) => (
              <MenuItem key={rate} value={rate}>
                {rate} a second
              </MenuItem>
            ))}
          </TextField>
        </Stack>
      )}
    </ConfirmDialog>
  );
}

export function willReplay(preview: ReplayPreview, excludeBlocked: boolean): number {
  return preview.total - (excludeBlocked ? preview.will_fail_again.count : 0);
}

/** Starts it, and shows how it goes. */
function useStart() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: startReplay,
    onSuccess: async (replay) => {
      client.setQueryData([...REPLAYS, replay.id], replay);
      await navigate({ pathname: `/dead-letters/replays/${replay.id}`, search: location.search });
    },
    onSettled: () => Promise.all([REPLAYS, DEAD_LETTERS, GROUPS].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
