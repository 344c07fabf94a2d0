import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import type { Role } from '../../lib/session';
import { FormDialog } from '../settings/FormDialog';
import { useChange } from '../settings/useChange';
import { USERS, invite } from './api';
import { RoleField } from './RoleField';
import type { Invitation } from './types';

interface Props {
  onClose: () => void;
  onInvited: (invitation: Invitation) => void;
}

export function InviteDialog({ onClose, onInvited }: Props) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const change = useChange(USERS);
  const submit = async () => onInvited(await change(() => invite(email.trim(), role)));
  return (
    <FormDialog title="Invite a user" submitLabel="Make the invitation" incomplete={!email.includes('@')} onClose={onClose} onSubmit={submit}>
      <Typography color="text.secondary">
        Flovify sends no mail: you get a link, once, and give it to the invited person in a way you trust.
      </Typography>
      <TextField
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the first thing to fill in of this dialog
        autoFocus
        fullWidth
        margin="normal"
        type="email"
        label="Email address"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        slotProps={{ htmlInput: { autoComplete: 'off', spellCheck: false, maxLength: 254 } }}
      />
      <RoleField value={role} onChange={setRole} />
    </FormDialog>
  );
}
