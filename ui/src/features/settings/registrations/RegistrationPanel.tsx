import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import { CopyId } from '../../../components/CopyId';
import { KeyValue } from '../../../components/KeyValue';
import { Panel } from '../../accounts/detail/Panel';
import type { AppRegistration, Credential } from '../types';
import { cloudName } from './clouds';
import { CredentialTable } from './CredentialTable';
import { ExpiryChip } from './ExpiryChip';

export type Asked = 'credential' | 'edit' | 'default' | 'remove';

interface Props {
  registration: AppRegistration;
  onAsk: (what: Asked) => void;
  onRemoveCredential: (credential: Credential) => void;
}

export function RegistrationPanel({ registration, onAsk, onRemoveCredential }: Props) {
  const { warning, expires_in_days: days, is_default: isDefault } = registration;
  return (
    <Panel
      title={registration.display_name}
      more={
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
          {isDefault && <Chip size="small" label="Default" />}
          <ExpiryChip warning={warning} days={days} />
        </Box>
      }
    >
      <Facts registration={registration} />
      <Box sx={{ my: 2 }}>
        <CredentialTable registration={registration} onRemove={onRemoveCredential} />
      </Box>
      <Actions registration={registration} onAsk={onAsk} />
    </Panel>
  );
}

function Facts({ registration }: { registration: AppRegistration }) {
  const { tenants, source, redirect_uris: uris } = registration;
  return (
    <KeyValue
      items={[
        { label: 'Application (client) ID', value: <CopyId id={registration.client_id} label="application ID" full /> },
        { label: 'Cloud', value: cloudName(registration.cloud) },
        { label: 'Who may sign in', value: registration.authority_tenant },
        { label: 'Accounts', value: tenants === 0 ? 'None uses it' : `${tenants.toLocaleString('en')} ${tenants === 1 ? 'uses' : 'use'} it` },
        { label: 'Comes from', value: source === 'environment' ? 'MICROSOFT_CLIENT_ID of the environment' : 'The console or command line' },
        { label: 'Redirect URIs for Entra', value: uris.map((uri) => <Box key={uri}><CopyId id={uri} label="redirect URI" full /></Box>) },
      ]}
    />
  );
}

/** The default and the environment's cannot be removed here; the service would refuse. */
function Actions({ registration, onAsk }: Pick<Props, 'registration' | 'onAsk'>) {
  const { is_default: isDefault, source } = registration;
  const removable = !isDefault && source !== 'environment';
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1 }}>
      <Button variant="outlined" onClick={() => onAsk('credential')}>Add a credential</Button>
      <Button onClick={() => onAsk('edit')}>Edit</Button>
      {!isDefault && <Button onClick={() => onAsk('default')}>Make it the default</Button>}
      {removable && <Button color="error" onClick={() => onAsk('remove')}>Remove</Button>}
    </Box>
  );
}
