import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { useToast } from '../../../components/toast';
import { REGISTRATIONS, addCredential } from '../api';
import { FormDialog } from '../FormDialog';
import type { AppRegistration } from '../types';
import { useChange } from '../useChange';
import { CredentialFields } from './CredentialFields';
import { NO_CREDENTIAL, credentialOf, isComplete } from './draft';

interface Props {
  registration: AppRegistration;
  onClose: () => void;
}

/** Rotation: the new one is used at once, the old ones stay as a way back until they are removed. */
export function AddCredentialDialog({ registration, onClose }: Props) {
  const [draft, setDraft] = useState(NO_CREDENTIAL);
  const change = useChange(REGISTRATIONS);
  const toast = useToast();
  const add = async () => {
    await change(() => addCredential(registration.id, credentialOf(draft)));
    toast({ text: `The new credential of ${registration.display_name} is in use.` });
  };
  return (
    <FormDialog title={`Add a credential to ${registration.display_name}`} submitLabel="Add the credential" incomplete={!isComplete(draft)} onClose={onClose} onSubmit={add}>
      <Typography color="text.secondary">
        Flovify uses it at once. Older credentials stay until you remove them, so nothing breaks in between.
      </Typography>
      <CredentialFields draft={draft} onChange={(patch) => setDraft((before) => ({ ...before, ...patch }))} />
    </FormDialog>
  );
}
