import Alert from '@mui/material/Alert';
import { useQuery } from '@tanstack/react-query';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import { PublicPage } from '../../components/PublicPage';
import { safeReturnPath } from '../../lib/returnPath';
import { sessionQuery } from '../../lib/session';
import { setupQuery } from './api';
import { SignInForm } from './SignInForm';

export function SignInPage() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const session = useQuery(sessionQuery());
  const setup = useQuery(setupQuery());
  const back = safeReturnPath(search.get('return'));
  if (session.isSuccess && !search.has('ended') && !search.has('out')) return <Navigate to={back} replace />;
  return (
    <PublicPage title="Sign in">
      <Notice ended={search.has('ended')} out={search.has('out')} setupNeeded={setup.data?.needed ?? false} />
      <SignInForm onSignedIn={() => void navigate(back, { replace: true })} />
    </PublicPage>
  );
}

function Notice({ ended, out, setupNeeded }: { ended: boolean; out: boolean; setupNeeded: boolean }) {
  if (setupNeeded) {
    return (
      <Alert severity="info" sx={{ mb: 1 }}>
        Nobody can sign in yet. Open the set-up link that Flovify printed when it started; it makes the first
        administrator. Each start prints a new one.
      </Alert>
    );
  }
  if (ended) return <Alert severity="info">Your session has ended. Sign in to go on where you were.</Alert>;
  return out ? <Alert severity="success">You are signed out.</Alert> : null;
}
