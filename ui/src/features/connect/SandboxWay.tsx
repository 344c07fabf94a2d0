import Avatar from '@mui/material/Avatar';
import Button from '@mui/material/Button';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemAvatar from '@mui/material/ListItemAvatar';
import ListItemText from '@mui/material/ListItemText';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { ErrorState, ProblemAlert } from '../../components/ErrorState';
import { ListSkeleton } from '../../components/Skeletons';
import { useConnect } from './connectContext';
import { SubscribeField } from './FlowOptions';
import { sandboxQuery } from './sandbox';
import type { SandboxMailbox } from './sandbox';
import { useFlow } from './useFlow';
import { WayFrame } from './WayFrame';

/** A mailbox of the sandbox, by the same way as a real one: the sandbox shows its own sign-in pages. */
export function SandboxWay() {
  const { go } = useConnect();
  const [subscribe, setSubscribe] = useState(true);
  const sandbox = useQuery(sandboxQuery);
  const flow = useFlow();
  const begin = (address: string) =>
    flow.begin({ begin: 'authorize', loginHint: address, subscribe: subscribe ? 'inbox' : null });
  return (
    <WayFrame title="Sandbox mailbox" onBack={() => go('choose')}>
      <Typography>
        The sandbox stands in for Microsoft 365: it has mailboxes with some days of mail, and asks for consent on a page of
        its own, as Microsoft does.
      </Typography>
      <SubscribeField checked={subscribe} onChange={setSubscribe} />
      {sandbox.isPending && <ListSkeleton rows={2} label="Loading the mailboxes" />}
      {sandbox.isError && !sandbox.data && (
        <ErrorState title="The sandbox's mailboxes could not be loaded." error={sandbox.error} onRetry={() => sandbox.refetch()} />
      )}
      {sandbox.data && (
        <List aria-label="Mailboxes of the sandbox" disablePadding>
          {sandbox.data.mailboxes.map((mailbox) => (
            <MailboxItem key={mailbox.address} mailbox={mailbox} busy={flow.isLeaving} onConnect={begin} />
          ))}
        </List>
      )}
      <ProblemAlert error={flow.error} />
    </WayFrame>
  );
}

interface ItemProps {
  mailbox: SandboxMailbox;
  busy: boolean;
  onConnect: (address: string) => void;
}

function MailboxItem({ mailbox, busy, onConnect }: ItemProps) {
  const { address, display_name: name, tenant_id: tenantId } = mailbox;
  return (
    <ListItem divider disableGutters sx={{ flexWrap: 'wrap', gap: 1 }}>
      <ListItemAvatar>
        <Avatar aria-hidden sx={{ bgcolor: 'secondary.main' }}>{name.charAt(0).toUpperCase()}</Avatar>
      </ListItemAvatar>
      <ListItemText primary={name} secondary={address} sx={{ overflowWrap: 'anywhere', minWidth: 160 }} />
      {tenantId === null ? (
        <Button variant="contained" disabled={busy} onClick={() => onConnect(address)} aria-label={`Connect ${address}`}>
          Connect
        </Button>
      ) : (
        <Button component={Link} to={`/admin/tenants/${tenantId}`} aria-label={`Open ${address}`}>
          Connected: open
        </Button>
      )}
    </ListItem>
  );
}
