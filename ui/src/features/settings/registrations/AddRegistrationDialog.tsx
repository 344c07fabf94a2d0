import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { useToast } from '../../../components/toast';
import { REGISTRATIONS, addRegistration } from '../api';
import { FormDialog } from '../FormDialog';
import { useChange } from '../useChange';
import { CredentialFields } from './CredentialFields';
import { NO_CREDENTIAL, credentialOf, isComplete } from './draft';
import { IdentityFields, NO_IDENTITY } from './IdentityFields';

/** An application that was registered in Entra becomes known here, best with its credential. */
export function AddRegistrationDialog({ onClose }: { onClose: () => void }) {
  const [identity, setIdentity] = useState(NO_IDENTITY);
  const [withCredential, setWithCredential] = useState(true);
  const [draft, setDraft] = useState(NO_CREDENTIAL);
  const change = useChange(REGISTRATIONS);
  const toast = useToast();
  const add = async () => {
    const credential = withCredential ? { credential: credentialOf(draft) } : {};
    const added = await change(() => addRegistration({ ...trimmed(identity), ...credential }));
    toast({ text: `${added.display_name} was added. Enter its redirect URIs in Entra.` });
  };
  const incomplete = identity.client_id.trim() === '' || (withCredential && !isComplete(draft));
  return (
    <FormDialog title="Add an app registration" submitLabel="Add the registration" incomplete={incomplete} onClose={onClose} onSubmit={add}>
      <Typography color="text.secondary">
        Register an application in Entra first (App registrations, New registration), then enter here what its overview
        page shows.
      </Typography>
      <IdentityFields identity={identity} onChange={(patch) => setIdentity((before) => ({ ...before, ...patch }))} />
      <FormControlLabel
        control={<Checkbox checked={withCredential} onChange={(_, checked) => setWithCredential(checked)} />}
        label="Enter its credential now"
      />
      {withCredential && <CredentialFields draft={draft} onChange={(patch) => setDraft((before) => ({ ...before, ...patch }))} />}
    </FormDialog>
  );
}

function trimmed(identity: typeof NO_IDENTITY): typeof NO_IDENTITY {
  const { client_id: client, authority_tenant: authority, display_name: name } = identity;
  return { ...identity, client_id: client.trim(), authority_tenant: authority.trim() || 'common', display_name: name.trim() };
}
