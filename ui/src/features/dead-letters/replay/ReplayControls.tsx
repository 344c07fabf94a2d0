import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '../../../components/ConfirmDialog';
import { problemText } from '../../../lib/problemText';
import type { Steering } from '../api';
import { steerReplay } from '../api';
import { REPLAYS } from '../keys';
import type { Replay } from '../types';
import { isUnderWay } from './words';

/** Pause and resume are undone by each other; stopping asks first, because it is not. */
export function ReplayControls({ replay }: { replay: Replay }) {
  const [stopping, setStopping] = useState(false);
  const client = useQueryClient();
  const steer = useMutation({
    mutationFn: (to: Steering) => steerReplay(replay.id, to),
    onSettled: () => client.invalidateQueries({ queryKey: REPLAYS }),
  });
  if (!isUnderWay(replay) || replay.dry_run) return null;
  const paused = replay.state === 'paused';
  return (
    <Stack spacing={1}>
      <Stack direction="row" spacing={1}>
        <Button variant="outlined" loading={steer.isPending} onClick={() => steer.mutate(paused ? 'resume' : 'pause')}>
          {paused ? 'Resume' : 'Pause'}
        </Button>
        <Button color="error" onClick={() => setStopping(true)}>
          Stop replay
        </Button>
      </Stack>
      {steer.isError && <Alert severity="error">{problemText(steer.error)}</Alert>}
      <ConfirmDialog
        open={stopping}
        title="Stop this replay?"
        confirmLabel="Stop replay"
        onClose={() => setStopping(false)}
        onConfirm={() => steer.mutateAsync('cancel')}
      >
        {replay.waiting} in the queue are still worked on. The others stay dead letters; you can replay them later, as a new replay.
      </ConfirmDialog>
    </Stack>
  );
}
