import Box from '@mui/material/Box';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { LabelledId } from '../../../components/LabelledId';
import { TracePanel } from '../trace/TracePanel';
import type { MessageDetail } from '../types';

/** The way of the message, and the names under which programs and Microsoft know it. */
export function DetailsPane({ message }: { message: MessageDetail }) {
  return (
    <Box component="section" aria-label="Details of the message" sx={{ p: 2 }}>
      <Typography variant="subtitle1" component="h3" gutterBottom>
        Trace
      </Typography>
      <TracePanel of={{ messageId: message.id }} />
      <Typography variant="subtitle1" component="h3" sx={{ mt: 3 }} gutterBottom>
        Ids
      </Typography>
      <Stack spacing={0.5} sx={{ alignItems: 'flex-start' }}>
        <LabelledId label="Message" id={message.id} />
        {message.internet_message_id && <LabelledId label="internetMessageId" id={message.internet_message_id} />}
        <LabelledId label="At Microsoft" id={message.provider_message_id} />
        {message.conversation_id && <LabelledId label="Conversation" id={message.conversation_id} />}
      </Stack>
    </Box>
  );
}
