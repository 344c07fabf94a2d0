import Box from '@mui/material/Box';
import CircularProgress from '@mui/material/CircularProgress';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { Link as RouterLink } from 'react-router';
import { CheckCircleIcon, ErrorIcon } from '../../../components/icons';
import { CopyId } from '../../../components/CopyId';
import { TimeText } from '../../../components/TimeText';
import type { AccountDetail } from '../account';
import { SendTestMessage } from './SendTestMessage';
import { SubscribeInbox } from './SubscribeInbox';

/** From the sign-in to the first stored message: what is done, and what is waited for. */
export function FirstMessage({ account }: { account: AccountDetail }) {
  const newest = account.last_messages[0];
  const subscribed = account.subscriptions > 0;
  const failed = account.lights.subscription.state === 'failed';
  const polled = account.access === 'shared';
  const watched = polled ? 'The inbox is polled' : 'The inbox is subscribed';
  return (
    <Box component="ol" aria-label="Progress" aria-live="polite" sx={{ m: 0, p: 0, listStyle: 'none', display: 'grid', gap: 2 }}>
      <Stage state="done" title="Microsoft accepted the sign-in">
        {account.connected_by && <>by <bdi>{account.connected_by}</bdi></>}
      </Stage>
      <Stage state={failed ? 'failed' : subscribed ? 'done' : 'waiting'} title={subscribed && !failed ? watched : 'The inbox'}>
        {(failed || !subscribed || polled) && account.lights.subscription.cause}
        {!subscribed && <SubscribeInbox tenantId={account.id} />}
      </Stage>
      {newest ? (
        <Stage state="done" title="The first message is here">
          <Link component={RouterLink} to={`/messages/${newest.id}`} sx={{ overflowWrap: 'anywhere' }}>
            <bdi>{newest.subject || '(no subject)'}</bdi>
          </Link>{' '}
          {newest.received_at && <TimeText at={newest.received_at} />}
        </Stage>
      ) : (
        <Stage state="waiting" title="Waiting for the first message…">
          Write one to <CopyId id={account.account_email} label="address" full />. It appears here by itself{polled && ', within a minute'}; you may also close this.
          {account.sandbox && subscribed && <SendTestMessage address={account.account_email} />}
        </Stage>
      )}
    </Box>
  );
}

const MARKS = {
  done: <CheckCircleIcon color="success" titleAccess="Done" />,
  failed: <ErrorIcon color="error" titleAccess="Failed" />,
  waiting: <CircularProgress size={22} aria-label="Waiting" sx={{ m: '1px', flexShrink: 0 }} />,
};

function Stage({ state, title, children }: { state: keyof typeof MARKS; title: string; children: ReactNode }) {
  return (
    <Box component="li" sx={{ display: 'flex', gap: 1.5 }}>
      {MARKS[state]}
      <Box sx={{ minWidth: 0, flex: 1 }}>
        <Typography sx={{ fontWeight: 600 }}>{title}</Typography>
        <Typography component="div" variant="body2" color="text.secondary">
          {children}
        </Typography>
      </Box>
    </Box>
  );
}
