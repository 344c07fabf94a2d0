import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import type { MessageDetail } from '../types';
import { subjectOf } from '../addresses';

/** The sender's HTML, cleaned by the service, in a frame that runs nothing and loads nothing from elsewhere. */
export function HtmlTab({ message }: { message: MessageDetail }) {
  const [images, setImages] = useState(false);
  const hasPictures = message.attachments.some((item) => item.content_type?.toLowerCase().startsWith('image/'));
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', flex: 1, minHeight: 320 }}>
      {hasPictures && !images && (
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center', px: 2, py: 0.5 }}>
          <Typography variant="body2" color="text.secondary" sx={{ flex: 1, minWidth: 200 }}>
            Pictures that came with the message are fetched from Microsoft when you ask for them. Pictures kept elsewhere
            are never loaded.
          </Typography>
          <Button size="small" onClick={() => setImages(true)}>
            Show its pictures
          </Button>
        </Box>
      )}
      <Box
        component="iframe"
        title={`Message: ${subjectOf(message.subject).slice(0, 100)}`}
        src={bodyUrl(message.id, images)}
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
        sx={{ flex: 1, width: '100%', minHeight: 320, border: 0, bgcolor: '#fff' }}
      />
    </Box>
  );
}

/** The frame's address; it is no `srcdoc`, which would inherit this page's policy instead of its own. */
export function bodyUrl(id: string, images: boolean): string {
  return `/bff/api/messages/${encodeURIComponent(id)}/body${images ? '?images=true' : ''}`;
}
