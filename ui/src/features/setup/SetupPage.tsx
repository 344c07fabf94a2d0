import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Step from '@mui/material/Step';
import StepLabel from '@mui/material/StepLabel';
import Stepper from '@mui/material/Stepper';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { ErrorState } from '../../components/ErrorState';
import { PublicPage } from '../../components/PublicPage';
import { CardSkeleton } from '../../components/Skeletons';
import { useFragmentToken } from '../../lib/fragment';
import { sessionQuery } from '../../lib/session';
import { AddressStep } from './AddressStep';
import { AdministratorStep } from './AdministratorStep';
import { setupQuery } from './api';
import { StartStep } from './StartStep';

const STEPS = ['Administrator', 'Public address', 'Start'];

/** The first visit, in three steps. The last two can be skipped: Settings and Connected Accounts offer the same. */
export function SetupPage() {
  const token = useFragmentToken();
  const [search, setSearch] = useSearchParams();
  const step = Math.min(Math.max(Number(search.get('step') ?? 1), 1), STEPS.length);
  const go = (next: number) => setSearch({ step: String(next) });
  return (
    <PublicPage title="Set up Flovify" width={560}>
      <Stepper activeStep={step - 1} alternativeLabel sx={{ mb: 3 }}>
        {STEPS.map((label) => (
          <Step key={label}>
            <StepLabel>{label}</StepLabel>
          </Step>
        ))}
      </Stepper>
      {step === 1 && <First token={token} onDone={() => go(2)} />}
      {step > 1 && <SignedInOnly step={step} go={go} />}
    </PublicPage>
  );
}

function First({ token, onDone }: { token: string | null; onDone: () => void }) {
  const setup = useQuery(setupQuery());
  if (setup.isPending) return <CardSkeleton height={240} />;
  if (setup.isError) return <ErrorState title="Flovify cannot be set up just now." error={setup.error} onRetry={() => setup.refetch()} />;
  if (!setup.data.needed) return <DoneBefore />;
  return token ? <AdministratorStep token={token} onDone={onDone} /> : <NoToken />;
}

function DoneBefore() {
  return (
    <>
      <Alert severity="info" sx={{ mb: 2 }}>
        This installation is set up already.
      </Alert>
      <Button variant="contained" component={Link} to="/sign-in">
        Sign in
      </Button>
    </>
  );
}

function NoToken() {
  return (
    <Alert severity="warning">
      This address is only a part of the set-up link. Open the whole link that Flovify printed when it started; each start
      prints a new one.
    </Alert>
  );
}

function SignedInOnly({ step, go }: { step: number; go: (step: number) => void }) {
  const session = useQuery(sessionQuery());
  if (session.isPending) return <CardSkeleton height={240} />;
  if (session.isError) {
    return (
      <>
        <Alert severity="info" sx={{ mb: 2 }}>
          Sign in to go on with the set-up.
        </Alert>
        <Button variant="contained" component={Link} to={`/sign-in?return=${encodeURIComponent(`/setup?step=${step}`)}`}>
          Sign in
        </Button>
      </>
    );
  }
  return step === 2 ? <AddressStep sandbox={session.data.sandbox} onDone={() => go(3)} /> : <StartStep sandbox={session.data.sandbox} />;
}
