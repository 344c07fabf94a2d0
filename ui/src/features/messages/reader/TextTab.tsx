import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { MessageDetail } from '../types';

/** The text as Microsoft gave it, as text. */
export function TextTab({ message }: { message: MessageDetail }) {
  const text = message.body_text?.trim();
  if (!text) {
    return (
      <Typography color="text.secondary" sx={{ p: 2 }}>
        This message has no text part. Its HTML is under the tab HTML.
      </Typography>
    );
  }
  return (
    <Box sx={{ p: 2, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }} dir="auto">
      {text}
    </Box>
  );
}
