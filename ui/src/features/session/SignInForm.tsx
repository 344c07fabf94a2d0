import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import type { FormEvent } from 'react';
import { useState } from 'react';
import { ProblemAlert } from '../../components/ErrorState';
import { PasswordField } from '../../components/PasswordField';
import { ApiProblem, isProblem } from '../../lib/api/client';
import { useSignIn } from './api';
import { useWait } from './useWait';

/** Says never which of the two was wrong, and waits as long as the service asks after too many attempts. */
export function SignInForm({ onSignedIn }: { onSignedIn: () => void }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useSignIn(onSignedIn);
  const wait = useWait(signIn.error instanceof ApiProblem ? signIn.error : null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ email: email.trim(), password });
  };
  return (
    <form onSubmit={submit}>
      <TextField
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the only purpose of this page
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
      <PasswordField value={password} onChange={setPassword} purpose="current" />
      <Refusal error={signIn.error} wait={wait} />
      <Button type="submit" variant="contained" size="large" fullWidth loading={signIn.isPending} disabled={wait > 0} sx={{ mt: 2 }}>
        Sign in
      </Button>
    </form>
  );
}

function Refusal({ error, wait }: { error: Error | null; wait: number }) {
  if (error === null) return null;
  if (isProblem(error, 'sign_in_failed')) return <Alert severity="error">The address or the password is wrong.</Alert>;
  if (!isProblem(error, 'sign_in_delayed')) return <ProblemAlert error={error} prefix="You could not be signed in." />;
  if (wait === 0) return <Alert severity="info">You can try again now.</Alert>;
  return <Alert severity="warning">Too many attempts. Try again in {wait} s.</Alert>;
}
