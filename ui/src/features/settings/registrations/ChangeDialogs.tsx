import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { ConfirmDialog } from '../../../components/ConfirmDialog';
import { useToast } from '../../../components/toast';
import { REGISTRATIONS, changeRegistration, removeCredential, removeRegistration } from '../api';
import { FormDialog } from '../FormDialog';
import type { AppRegistration, Credential } from '../types';
import { useChange } from '../useChange';
import { AudienceFields } from './IdentityFields';
import { credentialName } from './names';

interface Props {
  registration: AppRegistration;
  onClose: () => void;
}

export function EditRegistrationDialog({ registration, onClose }: Props) {
  const { id, display_name, authority_tenant } = registration;
  const [audience, setAudience] = useState({ display_name, authority_tenant });
  const change = useChange(REGISTRATIONS);
  return (
    <FormDialog
      title={`Edit ${display_name}`}
      submitLabel="Save"
      incomplete={audience.display_name.trim() === '' || audience.authority_tenant.trim() === ''}
      onClose={onClose}
      onSubmit={() => change(() => changeRegistration(id, audience))}
    >
      <Typography color="text.secondary">
        Application ID and cloud are what a registration is: for others, add another registration.
      </Typography>
      <AudienceFields audience={audience} onChange={(patch) => setAudience((before) => ({ ...before, ...patch }))} />
    </FormDialog>
  );
}

export function MakeDefaultDialog({ registration, onClose }: Props) {
  const change = useChange(REGISTRATIONS);
  return (
    <ConfirmDialog
      open
      title={`Make ${registration.display_name} the default?`}
      confirmLabel="Make it the default"
      onClose={onClose}
      onConfirm={() => change(() => changeRegistration(registration.id, { is_default: true }))}
    >
      <Typography>New accounts are connected with it. Accounts that are connected keep the registration they have.</Typography>
    </ConfirmDialog>
  );
}

export function RemoveRegistrationDialog({ registration, onClose }: Props) {
  const { id, display_name: name, tenants } = registration;
  const [force, setForce] = useState(false);
  const change = useChange(REGISTRATIONS);
  const toast = useToast();
  const remove = async () => {
    await change(() => removeRegistration(id, force));
    toast({ text: `${name} was removed here. In Entra it still exists.` });
  };
  return (
    <ConfirmDialog
      open
      level="type-the-name"
      name={name}
      title={`Remove ${name}?`}
      confirmLabel="Remove"
      disabled={tenants > 0 && !force}
      onClose={onClose}
      onConfirm={remove}
    >
      <Typography>
        Flovify forgets the registration and its credentials; this cannot be undone. The application stays in Entra: delete it
        there when nothing else uses it.
      </Typography>
      {tenants > 0 && (
        <FormControlLabel
          control={<Checkbox checked={force} onChange={(_, checked) => setForce(checked)} />}
          label={`${tenants === 1 ? '1 account uses' : `${tenants} accounts use`} it and must be connected again with another one. Remove it all the same.`}
        />
      )}
    </ConfirmDialog>
  );
}

interface CredentialProps extends Props {
  credential: Credential;
}

export function RemoveCredentialDialog({ registration, credential, onClose }: CredentialProps) {
  const change = useChange(REGISTRATIONS);
  const last = registration.credentials.length === 1;
  return (
    <ConfirmDialog
      open
      danger
      title={`Remove the ${credentialName(credential)} of ${registration.display_name}?`}
      confirmLabel="Remove"
      onClose={onClose}
      onConfirm={() => change(() => removeCredential(registration.id, credential.id))}
    >
      <Typography>
        Flovify forgets it; this cannot be undone. In Entra it stays valid until you delete it there.
        {last && ' It is the only one: without it Microsoft refuses every sign-in of this registration.'}
      </Typography>
    </ConfirmDialog>
  );
}
