import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { FormEvent } from 'react';
import { useState } from 'react';
import { ProblemAlert } from '../../components/ErrorState';
import { PasswordField } from '../../components/PasswordField';
import { isLongEnough, passwordHint } from '../../lib/password';
import { useFirstAdministrator } from './api';

export function AdministratorStep({ token, onDone }: { token: string; onDone: () => void }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const make = useFirstAdministrator(token);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({ email: email.trim(), password }, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit}>
      <Typography color="text.secondary">
        Make the first administrator: choose how you will sign in. This link works once. There is no default password.
      </Typography>
      <TextField
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the only purpose of this step
        autoFocus
        required
        fullWidth
        margin="normal"
        label="Email address"
        type="email"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        slotProps={{ inputLabel: { required: false }, htmlInput: { autoComplete: 'username', maxLength: 254 } }}
      />
      <PasswordField value={password} onChange={setPassword} purpose="new" hint={passwordHint(password)} />
      <ProblemAlert error={make.error} prefix="The administrator could not be made." />
      <Button type="submit" variant="contained" size="large" fullWidth sx={{ mt: 2 }} disabled={!isLongEnough(password)} loading={make.isPending}>
        Create and sign in
      </Button>
    </form>
  );
}
