import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import CardContent from '@mui/material/CardContent';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { CopyId } from '../../components/CopyId';
import { ErrorState } from '../../components/ErrorState';
import { KeyValue } from '../../components/KeyValue';
import { ListSkeleton } from '../../components/Skeletons';
import { registrationsQuery } from './api';
import { useConnect } from './connectContext';
import { registrationName } from './FlowOptions';
import type { Registration } from './types';
import { WayFrame } from './WayFrame';

const WARNINGS = {
  ok: 'Good',
  expiring: 'Ends soon: give a new one in time',
  expired: 'Expired: Microsoft refuses every sign-in',
  missing: 'None: Microsoft refuses every sign-in',
} as const;

/** Connect with another Entra app than the default one, or in another of Microsoft's clouds. */
export function RegistrationWay() {
  const { go } = useConnect();
  const known = useQuery(registrationsQuery);
  return (
    <WayFrame
      title="Another app registration"
      onBack={() => go('choose')}
      actions={
        <Button component={Link} to="/settings/registrations" variant="outlined">
          Add or change registrations in Settings
        </Button>
      }
    >
      <Typography>
        An app registration is what Microsoft names on its page. Use one of your own for an organisation that wants its own,
        or for GCC High, DoD or China. Its redirect URIs must stand in Entra under Authentication, platform Web.
      </Typography>
      {known.isPending && <ListSkeleton rows={2} label="Loading the app registrations" />}
      {known.isError && !known.data && (
        <ErrorState title="The app registrations could not be loaded." error={known.error} onRetry={() => known.refetch()} />
      )}
      {known.data?.items.length === 0 && <Typography>There is none yet. Add one in Settings.</Typography>}
      {known.data?.items.map((one) => <RegistrationCard key={one.id} registration={one} />)}
    </WayFrame>
  );
}

function RegistrationCard({ registration }: { registration: Registration }) {
  const { go } = useConnect();
  const { id, warning, expires_in_days: days } = registration;
  const begin = { registration: id };
  return (
    <Card component="section" aria-label={registrationName(registration)}>
      <CardContent>
        <Typography variant="h3" component="h3" gutterBottom sx={{ overflowWrap: 'anywhere' }}>
          {registrationName(registration)}
        </Typography>
        <KeyValue
          items={[
            { label: 'Application (client) ID', value: <CopyId id={registration.client_id} label="application ID" full /> },
            { label: 'Credential', value: `${WARNINGS[warning]}${days === null ? '' : `, ${days} days left`}` },
            {
              label: 'Redirect URIs',
              value: registration.redirect_uris.map((uri) => <Box key={uri}><CopyId id={uri} label="redirect URI" full /></Box>),
            },
          ]}
        />
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mt: 2 }}>
          <Button variant="contained" onClick={() => go('mailbox', begin)}>
            Connect a mailbox
          </Button>
          <Button onClick={() => go('link', begin)}>Make a link</Button>
          <Button onClick={() => go('consent', begin)}>Admin consent</Button>
        </Box>
      </CardContent>
    </Card>
  );
}
