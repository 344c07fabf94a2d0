import Skeleton from '@mui/material/Skeleton';
import Stack from '@mui/material/Stack';
import { useQuery } from '@tanstack/react-query';
import { Drawer } from '../../../components/Drawer';
import { ErrorState } from '../../../components/ErrorState';
import { replayQuery } from '../api';
import { ReplayControls } from './ReplayControls';
import { ReplayItems } from './ReplayItems';
import { ReplayProgress } from './ReplayProgress';

/** How a replay goes. It runs in the workers, whether this is open or not. */
export function ReplayDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const replay = useQuery({ ...replayQuery(id), enabled: id !== '' });
  return (
    <Drawer open={id !== ''} onClose={onClose} title="Replay">
      {replay.isError && (
        <ErrorState title="This replay could not be loaded." error={replay.error} onRetry={() => replay.refetch()} />
      )}
      {replay.isPending && <Skeleton variant="rounded" height={200} aria-label="Loading the replay" />}
      {replay.data && (
        <Stack spacing={3}>
          <ReplayProgress replay={replay.data} />
          <ReplayControls replay={replay.data} />
          <ReplayItems replay={replay.data} />
        </Stack>
      )}
    </Drawer>
  );
}
