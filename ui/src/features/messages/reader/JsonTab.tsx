import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { JsonBlock } from '../../../components/JsonBlock';
import type { MessageDetail } from '../types';

/** The message as programs get it from the API; its bodies and header fields have tabs of their own. */
export function JsonTab({ message }: { message: MessageDetail }) {
  const { body_html: _html, body_text: _text, headers: _headers, ...shown } = message;
  return (
    <Box sx={{ p: 2 }}>
      <Typography variant="body2" color="text.secondary" sx={{ mb: 1 }}>
        As GET /api/messages/{message.id} answers it, without bodies and header fields. Under <code>raw</code>: what
        Microsoft delivered.
      </Typography>
      <JsonBlock value={shown} label="the message as JSON" />
    </Box>
  );
}
