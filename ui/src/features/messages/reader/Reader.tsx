import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { ErrorState } from '../../../components/ErrorState';
import { messageQuery } from '../api';
import { Attachments } from './Attachments';
import { DetailsPane } from './DetailsPane';
import { ReaderHeader } from './ReaderHeader';
import { ReaderTabs } from './ReaderTabs';

interface Props {
  id: string;
  tab: string;
  onTab: (tab: string) => void;
  details: boolean;
}

/** One message, read: nothing changes in the mailbox by it. */
export function Reader({ id, tab, onTab, details }: Props) {
  const message = useQuery(messageQuery(id));
  if (message.isPending) return <ReaderSkeleton />;
  if (message.isError) {
    return <ErrorState title="This message could not be loaded." error={message.error} onRetry={() => message.refetch()} />;
  }
  return (
    <Box sx={{ display: 'flex', flex: 1, minHeight: 0, minWidth: 0, flexDirection: { xs: 'column', lg: 'row' } }}>
      <Box
        component="article"
        aria-label="Message"
        sx={{ display: 'flex', flexDirection: 'column', flex: { lg: 1 }, minWidth: 0, minHeight: { xs: 480, lg: 0 } }}
      >
        <ReaderHeader message={message.data} />
        <Attachments message={message.data} />
        <ReaderTabs message={message.data} tab={tab} onTab={onTab} />
      </Box>
      {details && (
        <Box sx={{ width: { lg: 340 }, flexShrink: 0, overflow: 'auto', borderLeft: { lg: 1 }, borderColor: { lg: 'divider' } }}>
          <DetailsPane message={message.data} />
        </Box>
      )}
    </Box>
  );
}

/** Shown where no message is open. */
export function NothingOpen() {
  return (
    <Box sx={{ display: 'grid', placeItems: 'center', flex: 1, p: 4 }}>
      <Typography color="text.secondary">Choose a message to read it. With the keys j and k you go through the list.</Typography>
    </Box>
  );
}

function ReaderSkeleton() {
  return (
    <Box sx={{ p: 2, flex: 1 }} aria-busy="true" aria-label="Loading the message">
      <Skeleton variant="text" height={36} width="70%" />
      <Skeleton variant="text" width="50%" />
      <Skeleton variant="text" width="40%" />
      <Skeleton variant="rounded" height={320} sx={{ mt: 2 }} />
    </Box>
  );
}
