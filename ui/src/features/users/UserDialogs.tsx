import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { useToast } from '../../components/toast';
import { roleWord } from '../../lib/role';
import { FormDialog } from '../settings/FormDialog';
import { changeUser, deleteUser, inviteAgain } from './api';
import { RoleField } from './RoleField';
import type { Invitation, User } from './types';
import { useUserChange } from './useUserChange';

interface Props {
  user: User;
  onClose: () => void;
}

export function RoleDialog({ user, onClose }: Props) {
  const [role, setRole] = useState(user.role);
  const change = useUserChange(user);
  const toast = useToast();
  const save = async () => {
    await change(() => changeUser(user.id, { role }));
    toast({ text: `${user.email} is ${roleWord(role)} now.` });
  };
  return (
    <FormDialog title={`Change the role of ${user.email}`} submitLabel="Change the role" incomplete={role === user.role} onClose={onClose} onSubmit={save}>
      <Typography color="text.secondary">It takes effect at once, also in sessions that are open.</Typography>
      <RoleField value={role} onChange={setRole} />
    </FormDialog>
  );
}

export function DisableDialog({ user, onClose }: Props) {
  const change = useUserChange(user);
  return (
    <ConfirmDialog
      open
      danger
      title={`Disable ${user.email}?`}
      confirmLabel="Disable"
      onClose={onClose}
      onConfirm={() => change(() => changeUser(user.id, { disabled: true }))}
    >
      <Typography>The user cannot sign in any more, and open sessions end. Accounts this user connected stay. Enable undoes it.</Typography>
    </ConfirmDialog>
  );
}

export function EnableDialog({ user, onClose }: Props) {
  const change = useUserChange(user);
  return (
    <ConfirmDialog
      open
      title={`Enable ${user.email}?`}
      confirmLabel="Enable"
      onClose={onClose}
      onConfirm={() => change(() => changeUser(user.id, { disabled: false }))}
    >
      <Typography>The user can sign in again, with the role {roleWord(user.role)}.</Typography>
    </ConfirmDialog>
  );
}

export function DeleteDialog({ user, onClose }: Props) {
  const change = useUserChange(user);
  const toast = useToast();
  const remove = async () => {
    await change(() => deleteUser(user.id));
    toast({ text: `${user.email} was deleted.` });
  };
  return (
    <ConfirmDialog open level="type-the-name" name={user.email} title={`Delete ${user.email}?`} confirmLabel="Delete" onClose={onClose} onConfirm={remove}>
      <Typography>
        This cannot be undone. Open sessions end; accounts this user connected stay, and so does the audit log. To keep somebody
        out for a while, disable the user instead.
      </Typography>
    </ConfirmDialog>
  );
}

interface LinkProps extends Props {
  onInvited: (invitation: Invitation) => void;
}

export function NewLinkDialog({ user, onClose, onInvited }: LinkProps) {
  const change = useUserChange(user);
  const make = async () => onInvited(await change(() => inviteAgain(user.id)));
  return (
    <ConfirmDialog open title={`Make a new link for ${user.email}?`} confirmLabel="Make a new link" onClose={onClose} onConfirm={make}>
      <Typography>
        With the link {user.email} chooses a password: for an invitation that ended, or a password that was forgotten. Until it
        is used nothing changes; then the old password stops working and all sessions of this user end.
      </Typography>
    </ConfirmDialog>
  );
}
