import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { PersonAddIcon } from '../../components/icons';
import { EmptyState } from '../../components/EmptyState';
import { ErrorState } from '../../components/ErrorState';
import { ListSkeleton } from '../../components/Skeletons';
import { StaleBar, staleSince } from '../../components/StaleBar';
import { LIST_WORDS } from '../../lib/words';
import { NeedsRole } from '../settings/NeedsRole';
import { usersQuery } from './api';
import { InviteDialog } from './InviteDialog';
import { LinkDialog } from './LinkDialog';
import { RoleTable } from './RoleTable';
import type { Invitation, User } from './types';
import type { UserAction } from './UserActions';
import { DeleteDialog, DisableDialog, EnableDialog, NewLinkDialog, RoleDialog } from './UserDialogs';
import { UserTable } from './UserTable';

type Asking = { action: 'invite' } | { action: UserAction; user: User };

export function UsersSection() {
  return (
    <NeedsRole role="administrator" what="Users">
      <Users />
    </NeedsRole>
  );
}

/** Who may use this console, and as what. */
function Users() {
  const users = useQuery(usersQuery);
  const [asking, setAsking] = useState<Asking | null>(null);
  // Held here and nowhere else: gone with the dialog.
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  return (
    <>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 2, mb: 2 }}>
        <Typography color="text.secondary" sx={{ flex: '1 1 320px' }}>
          People who sign in to this console. They come in by an invitation link.
        </Typography>
        <Button variant="contained" startIcon={<PersonAddIcon />} onClick={() => setAsking({ action: 'invite' })}>
          Invite a user
        </Button>
      </Box>
      {users.isPending && <ListSkeleton label="Loading the users" />}
      {users.isError && !users.data && <ErrorState title={LIST_WORDS.users.error} error={users.error} onRetry={() => void users.refetch()} />}
      <StaleBar since={staleSince(users)} onRetry={() => void users.refetch()} />
      {users.data?.items.length === 0 && <EmptyState title={LIST_WORDS.users.empty} />}
      {users.data && users.data.items.length > 0 && <UserTable users={users.data.items} onAsk={(action, user) => setAsking({ action, user })} />}
      <Box sx={{ mt: 3 }}>
        <RoleTable />
      </Box>
      {asking && <Dialogs asking={asking} onClose={() => setAsking(null)} onInvited={setInvitation} />}
      {invitation && <LinkDialog invitation={invitation} onClose={() => setInvitation(null)} />}
    </>
  );
}

interface DialogProps {
  asking: Asking;
  onClose: () => void;
  onInvited: (invitation: Invitation) => void;
}

function Dialogs({ asking, onClose, onInvited }: DialogProps) {
  if (asking.action === 'invite') return <InviteDialog onClose={onClose} onInvited={onInvited} />;
  const props = { user: asking.user, onClose };
  if (asking.action === 'role') return <RoleDialog {...props} />;
  if (asking.action === 'disable') return <DisableDialog {...props} />;
  if (asking.action === 'enable') return <EnableDialog {...props} />;
  if (asking.action === 'link') return <NewLinkDialog {...props} onInvited={onInvited} />;
  return <DeleteDialog {...props} />;
}
