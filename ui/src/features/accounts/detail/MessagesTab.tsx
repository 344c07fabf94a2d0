import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { useQuery } from '@tanstack/react-query';
import { Link as RouterLink } from 'react-router';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorState } from '../../../components/ErrorState';
import { ListSkeleton } from '../../../components/Skeletons';
import { TimeText } from '../../../components/TimeText';
import { accountMessagesQuery } from '../api';
import type { AccountDetail, MessageSummary } from '../types';
import { Panel } from './Panel';

/** The newest messages; the reader has all of them. */
export function MessagesTab({ account }: { account: AccountDetail }) {
  const messages = useQuery(accountMessagesQuery(account.id));
  const all = (
    <Link component={RouterLink} to={`/messages?account=${account.id}`}>
      Open in Messages
    </Link>
  );
  return (
    <Panel title="Newest messages" more={all}>
      {messages.isPending && <ListSkeleton label="Loading the messages" />}
      {messages.isError && !messages.data && (
        <ErrorState title="Messages could not be loaded." error={messages.error} onRetry={() => messages.refetch()} />
      )}
      {messages.data?.items.length === 0 && (
        <EmptyState title="No messages yet. Waiting for the first one…">Write one to {account.account_email}, or press Sync now.</EmptyState>
      )}
      {messages.data && messages.data.items.length > 0 && <Messages messages={messages.data.items} />}
    </Panel>
  );
}

function Messages({ messages }: { messages: MessageSummary[] }) {
  return (
    <Box sx={{ overflowX: 'auto' }} component="section" aria-label="Table of messages" tabIndex={0}>
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>Subject</TableCell>
            <TableCell>From</TableCell>
            <TableCell>Received</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {messages.map((message) => (
            <TableRow key={message.id}>
              <TableCell component="th" scope="row" sx={{ overflowWrap: 'anywhere', minWidth: 160 }}>
                <Link component={RouterLink} to={`/messages/${message.id}`}>
                  <bdi>{message.subject || '(no subject)'}</bdi>
                </Link>
              </TableCell>
              <TableCell sx={{ overflowWrap: 'anywhere', minWidth: 160 }}>
                <bdi>{message.from?.name || message.from?.address}</bdi>
              </TableCell>
              <TableCell sx={{ whiteSpace: 'nowrap' }}>
                <TimeText at={message.received_at} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}
