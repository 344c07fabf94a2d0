import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { ProblemAlert } from '../../components/ErrorState';
import { PasswordField } from '../../components/PasswordField';
import { PublicPage } from '../../components/PublicPage';
import { useFragmentToken } from '../../lib/fragment';
import { isLongEnough, passwordHint } from '../../lib/password';
import { acceptInvitation, useSignIn } from './api';

/** Where an invitation leads: choose a password, and be signed in. Also how a forgotten password is replaced. */
export function InvitationPage() {
  const token = useFragmentToken();
  return <PublicPage title="Choose your password">{token ? <AcceptForm token={token} /> : <NoToken />}</PublicPage>;
}

function NoToken() {
  return (
    <>
      <Alert severity="warning" sx={{ mb: 2 }}>
        This address is only a part of an invitation. Open the whole link you were given; if it was used already or is too
        old, ask an administrator for a new one.
      </Alert>
      <Button component={Link} to="/sign-in">
        Sign in
      </Button>
    </>
  );
}

function AcceptForm({ token }: { token: string }) {
  const [password, setPassword] = useState('');
  const navigate = useNavigate();
  const signIn = useSignIn(() => void navigate('/', { replace: true }));
  const accept = useMutation({
    mutationFn: () => acceptInvitation(token, password),
    onSuccess: ({ email }) => signIn.mutate({ email, password }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    accept.mutate();
  };
  if (signIn.isError) return <SignInByHand error={signIn.error} />;
  return (
    <form onSubmit={submit}>
      <Typography color="text.secondary">You were invited to this installation of Flovify. The link works once.</Typography>
      <PasswordField value={password} onChange={setPassword} purpose="new" hint={passwordHint(password)} />
      <ProblemAlert error={accept.error} prefix="The invitation could not be accepted." />
      <Button type="submit" variant="contained" size="large" fullWidth sx={{ mt: 2 }} disabled={!isLongEnough(password)} loading={accept.isPending || signIn.isPending}>
        Save and sign in
      </Button>
    </form>
  );
}

/** The password is saved by now; only the sign-in after it failed. */
function SignInByHand({ error }: { error: Error }) {
  return (
    <>
      <Alert severity="success">Your password is saved.</Alert>
      <ProblemAlert error={error} prefix="You could not be signed in by that." />
      <Button variant="contained" component={Link} to="/sign-in">
        Sign in
      </Button>
    </>
  );
}
