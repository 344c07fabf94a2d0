import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { AddIcon } from '../../../components/icons';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorState } from '../../../components/ErrorState';
import { CardSkeleton } from '../../../components/Skeletons';
import { StaleBar, staleSince } from '../../../components/StaleBar';
import { registrationsQuery } from '../api';
import { NeedsRole } from '../NeedsRole';
import type { AppRegistration, Credential } from '../types';
import { AddCredentialDialog } from './AddCredentialDialog';
import { AddRegistrationDialog } from './AddRegistrationDialog';
import { EditRegistrationDialog, MakeDefaultDialog, RemoveCredentialDialog, RemoveRegistrationDialog } from './ChangeDialogs';
import type { Asked } from './RegistrationPanel';
import { RegistrationPanel } from './RegistrationPanel';

type Asking = { what: 'add' } | { what: Asked; of: AppRegistration } | { what: 'remove-credential'; of: AppRegistration; credential: Credential };

export function RegistrationsSection() {
  return (
    <NeedsRole role="administrator" what="App registrations">
      <Registrations />
    </NeedsRole>
  );
}

/** The applications of Entra that Flovify signs in as, and what proves it. */
function Registrations() {
  const known = useQuery(registrationsQuery);
  const [asking, setAsking] = useState<Asking | null>(null);
  return (
    <>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 2, mb: 2 }}>
        <Typography color="text.secondary" sx={{ flex: '1 1 320px' }}>
          What Microsoft shows when somebody connects a mailbox. Secrets and keys are kept encrypted and never shown again.
        </Typography>
        <Button variant="contained" startIcon={<AddIcon />} onClick={() => setAsking({ what: 'add' })}>
          Add a registration
        </Button>
      </Box>
      {known.isPending && <CardSkeleton height={240} label="Loading the app registrations" />}
      {known.isError && !known.data && (
        <ErrorState title="The app registrations could not be loaded." error={known.error} onRetry={() => void known.refetch()} />
      )}
      <StaleBar since={staleSince(known)} onRetry={() => void known.refetch()} />
      {known.data?.items.length === 0 && (
        <EmptyState title="No app registration yet.">
          Mailboxes of Microsoft 365 are connected through an application that you register in Entra. Add it here.
        </EmptyState>
      )}
      <Box sx={{ display: 'grid', gap: 2 }}>
        {known.data?.items.map((one) => (
          <RegistrationPanel
            key={one.id}
            registration={one}
            onAsk={(what) => setAsking({ what, of: one })}
            onRemoveCredential={(credential) => setAsking({ what: 'remove-credential', of: one, credential })}
          />
        ))}
      </Box>
      {asking && <Dialogs asking={asking} onClose={() => setAsking(null)} />}
    </>
  );
}

function Dialogs({ asking, onClose }: { asking: Asking; onClose: () => void }) {
  if (asking.what === 'add') return <AddRegistrationDialog onClose={onClose} />;
  const props = { registration: asking.of, onClose };
  if (asking.what === 'credential') return <AddCredentialDialog {...props} />;
  if (asking.what === 'edit') return <EditRegistrationDialog {...props} />;
  if (asking.what === 'default') return <MakeDefaultDialog {...props} />;
  if (asking.what === 'remove-credential') return <RemoveCredentialDialog {...props} credential={asking.credential} />;
  return <RemoveRegistrationDialog {...props} />;
}
