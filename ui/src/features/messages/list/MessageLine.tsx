import Box from '@mui/material/Box';
import ListItem from '@mui/material/ListItem';
import ListItemButton from '@mui/material/ListItemButton';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import { AttachFileIcon, PriorityHighIcon } from '../../../components/icons';
import { PlainTime } from '../../../components/PlainTime';
import { shortAddress, subjectOf } from '../addresses';
import { meetingLabel } from '../meeting';
import type { MessageSummary } from '../types';

interface Props {
  message: MessageSummary;
  accountName: string | undefined;
  selected: boolean;
  href: string;
}

/** One line of the list: a link, so that it can be opened in a window of its own. */
export function MessageLine({ message, accountName, selected, href }: Props) {
  return (
    <ListItem disablePadding divider sx={{ contentVisibility: 'auto', containIntrinsicSize: 'auto 84px' }}>
      <ListItemButton
        component={Link}
        to={href}
        selected={selected}
        aria-current={selected ? 'true' : undefined}
        data-message={message.id}
        sx={{ display: 'block', py: 1, px: 2 }}
      >
        <Stack direction="row" sx={{ gap: 1, alignItems: 'baseline' }}>
          <Typography component="span" variant="subtitle2" noWrap sx={{ flex: 1, minWidth: 0 }}>
            <bdi>{shortAddress(message.from)}</bdi>
          </Typography>
          <Typography variant="caption" color="text.secondary" noWrap>
            <PlainTime at={message.received_at ?? message.stored_at} />
          </Typography>
        </Stack>
        <Typography variant="body2" noWrap>
          <bdi>{subjectOf(message.subject)}</bdi>
        </Typography>
        <Typography variant="body2" color="text.secondary" noWrap>
          <bdi>{message.preview?.trim() || ' '}</bdi>
        </Typography>
        <Marks message={message} accountName={accountName} />
      </ListItemButton>
    </ListItem>
  );
}

function Marks({ message, accountName }: { message: MessageSummary; accountName: string | undefined }) {
  const words = [
    meetingLabel(message),
    accountName,
    message.deleted_at && 'Deleted in the mailbox',
    message.decode_note && 'Partly unreadable',
  ].filter((word): word is string => Boolean(word));
  if (words.length === 0 && !message.has_attachments && message.importance !== 'high') return null;
  return (
    <Stack direction="row" sx={{ gap: 0.5, alignItems: 'center', color: 'text.secondary', minWidth: 0 }}>
      {message.importance === 'high' && <PriorityHighIcon fontSize="inherit" titleAccess="High importance" />}
      {message.has_attachments && <AttachFileIcon fontSize="inherit" titleAccess="Has attachments" />}
      <Box component="span" sx={{ typography: 'caption', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
        {words.join(' - ')}
      </Box>
    </Stack>
  );
}
