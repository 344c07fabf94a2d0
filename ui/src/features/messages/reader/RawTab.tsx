import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import CircularProgress from '@mui/material/CircularProgress';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { DownloadIcon } from '../../../components/icons';
import { ErrorState } from '../../../components/ErrorState';
import { TextBlock } from '../../../components/JsonBlock';
import { saveBlob } from '../../../lib/saveBlob';
import { sourceQuery } from '../api';
import { fileName } from '../fileName';
import type { MessageDetail } from '../types';

const SHOWN_BYTES = 256 * 1024;

/** The RFC 5322 source, fetched from Microsoft when the tab is opened. */
export function RawTab({ message }: { message: MessageDetail }) {
  const source = useQuery(sourceQuery(message.id));
  if (source.isPending) {
    return (
      <Box sx={{ p: 2, display: 'flex', gap: 1, alignItems: 'center' }} role="status">
        <CircularProgress size={18} /> Asking Microsoft for the source.
      </Box>
    );
  }
  if (source.isError) {
    return <ErrorState title="The source could not be fetched." error={source.error} onRetry={() => source.refetch()} />;
  }
  const { blob, start } = source.data;
  return (
    <Box sx={{ p: 2 }}>
      <Button startIcon={<DownloadIcon />} onClick={() => saveBlob(blob, `${fileName(message.subject, 'message')}.eml`)}>
        Download .eml
      </Button>
      {blob.size > SHOWN_BYTES && (
        <Typography variant="body2" color="text.secondary">
          The first {SHOWN_BYTES / 1024} kB are shown; the download has all of it.
        </Typography>
      )}
      <TextBlock text={start} label="Source of the message" />
    </Box>
  );
}
