import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import { DownloadIcon, LinkIcon } from '../../../components/icons';
import { problemText } from '../../../lib/problemText';
import { saveBlob } from '../../../lib/saveBlob';
import { fetchAttachment } from '../api';
import { fileName, withEnding } from '../fileName';
import { sizeText } from '../sizes';
import type { Attachment, MessageDetail } from '../types';
import { listed } from './listed';

/** Attachments, for saving only: nothing of them is ever shown inside the console. */
export function Attachments({ message }: { message: MessageDetail }) {
  const files = useMemo(() => listed(message), [message]);
  if (files.length === 0) return null;
  return (
    <Box component="ul" aria-label="Attachments" sx={{ listStyle: 'none', m: 0, px: 2, py: 1, display: 'flex', flexWrap: 'wrap', gap: 1 }}>
      {files.map((file) =>
        file.kind === 'reference' ? (
          <LinkItem key={file.id} file={file} />
        ) : (
          <AttachmentItem key={file.id} messageId={message.id} file={file} />
        ),
      )}
    </Box>
  );
}

/** A link to a file kept elsewhere: Microsoft gives neither its bytes nor its address. */
function LinkItem({ file }: { file: Attachment }) {
  return (
    <Box component="li" sx={{ maxWidth: '100%', display: 'flex', flexWrap: 'wrap', alignItems: 'center', columnGap: 1, px: 1 }}>
      <LinkIcon fontSize="small" color="action" titleAccess="Link" />
      <Typography component="span" variant="body2" noWrap sx={{ maxWidth: 320 }}>
        <bdi>{fileName(file.name, 'link')}</bdi>
      </Typography>
      <Typography component="span" variant="caption" color="text.secondary">
        a file kept elsewhere; open the message in Outlook to follow the link
      </Typography>
    </Box>
  );
}

function AttachmentItem({ messageId, file }: { messageId: string; file: Attachment }) {
  const name = fileName(file.name, 'attachment');
  const download = useMutation({
    mutationFn: () => fetchAttachment(messageId, file.id),
    onSuccess: ({ blob, type }) => saveBlob(blob, file.kind === 'item' ? withEnding(name, type) : name),
  });
  return (
    <Box component="li" sx={{ maxWidth: '100%' }}>
      <Button
        variant="outlined"
        size="small"
        startIcon={<DownloadIcon />}
        loading={download.isPending}
        onClick={() => download.mutate()}
        aria-label={`Download ${name}`}
        sx={{ maxWidth: '100%', textTransform: 'none' }}
      >
        <Box component="span" sx={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', maxWidth: 320 }}>
          <bdi>{name}</bdi>
        </Box>
        <Typography component="span" variant="caption" color="text.secondary" sx={{ ml: 1, whiteSpace: 'nowrap' }}>
          {sizeText(file.size)}, {file.kind === 'item' ? 'message, event or contact' : (file.content_type ?? 'type unknown')}
        </Typography>
      </Button>
      {download.isError && (
        <Alert severity="error" sx={{ mt: 1 }}>
          {name} could not be fetched: {problemText(download.error)}
        </Alert>
      )}
    </Box>
  );
}
