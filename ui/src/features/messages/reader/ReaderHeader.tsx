import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import Typography from '@mui/material/Typography';
import { CalendarIcon } from '../../../components/icons';
import { TimeText } from '../../../components/TimeText';
import { addressList, fullAddress, subjectOf } from '../addresses';
import { meetingLabel } from '../meeting';
import type { MessageDetail } from '../types';

/** Who wrote what to whom and when. */
export function ReaderHeader({ message }: { message: MessageDetail }) {
  const from = message.from ?? message.sender;
  const meeting = meetingLabel(message);
  return (
    <Box sx={{ px: 2, pt: 2 }}>
      <Typography variant="h6" component="h2" tabIndex={-1} data-reader-title sx={{ overflowWrap: 'anywhere', ...LINES }}>
        <bdi>{subjectOf(message.subject)}</bdi>
      </Typography>
      {meeting && <Chip size="small" variant="outlined" icon={<CalendarIcon aria-hidden />} label={meeting} sx={{ my: 0.5 }} />}
      <Line label="From" text={from ? fullAddress(from) : '(no sender)'} />
      {message.to.length > 0 && <Line label="To" text={addressList(message.to)} />}
      {message.cc.length > 0 && <Line label="Cc" text={addressList(message.cc)} />}
      <Typography variant="body2" color="text.secondary">
        {message.received_at ? (
          <>
            Received <TimeText at={message.received_at} format="absolute" />
          </>
        ) : (
          'Microsoft gave no time of receiving.'
        )}
      </Typography>
      <Notes message={message} />
    </Box>
  );
}

// A subject may have thousands of characters; the whole of it stands in the header fields.
const LINES = { display: '-webkit-box', WebkitLineClamp: 4, WebkitBoxOrient: 'vertical', overflow: 'hidden' } as const;

function Line({ label, text }: { label: string; text: string }) {
  return (
    <Typography variant="body2" sx={{ overflowWrap: 'anywhere', ...LINES, WebkitLineClamp: 3 }}>
      <Box component="span" sx={{ color: 'text.secondary', mr: 1 }}>
        {label}
      </Box>
      <bdi>{text}</bdi>
    </Typography>
  );
}

function Notes({ message }: { message: MessageDetail }) {
  return (
    <>
      {message.deleted_at && (
        <Alert severity="info" sx={{ mt: 1 }}>
          This message was removed from its folder at Microsoft <TimeText at={message.deleted_at} />. What was stored
          is kept; source and attachments may be gone.
        </Alert>
      )}
      {message.decode_note && (
        <Alert severity="warning" sx={{ mt: 1, overflowWrap: 'anywhere' }}>
          Not all of this message could be read: {message.decode_note}
        </Alert>
      )}
    </>
  );
}
