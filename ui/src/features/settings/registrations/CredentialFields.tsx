import FormControl from '@mui/material/FormControl';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormLabel from '@mui/material/FormLabel';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import TextField from '@mui/material/TextField';
import { PasswordField } from '../../../components/PasswordField';
import type { CredentialDraft } from './draft';

interface Props {
  draft: CredentialDraft;
  onChange: (patch: Partial<CredentialDraft>) => void;
}

/** What proves to Microsoft that we are the application. It is sent once and never read back. */
export function CredentialFields({ draft, onChange }: Props) {
  return (
    <>
      <FormControl sx={{ mt: 1 }}>
        <FormLabel id="credential-kind">Kind of credential</FormLabel>
        <RadioGroup row aria-labelledby="credential-kind" value={draft.kind} onChange={(_, kind) => onChange({ kind: kind as CredentialDraft['kind'] })}>
          <FormControlLabel value="secret" control={<Radio />} label="Client secret" />
          <FormControlLabel value="certificate" control={<Radio />} label="Certificate (safer)" />
        </RadioGroup>
      </FormControl>
      {draft.kind === 'secret' ? <SecretFields draft={draft} onChange={onChange} /> : <CertificateFields draft={draft} onChange={onChange} />}
    </>
  );
}

function SecretFields({ draft, onChange }: Props) {
  return (
    <>
      <PasswordField
        label="Value of the secret"
        purpose="new"
        value={draft.secret}
        onChange={(secret) => onChange({ secret })}
        hint="The column Value in Entra, not the Secret ID. It is kept encrypted and never shown again."
      />
      <TextField
        fullWidth
        margin="normal"
        type="date"
        label="Expires on"
        value={draft.expires}
        onChange={(event) => onChange({ expires: event.target.value })}
        helperText="As Entra shows it, so that you are warned in time."
        slotProps={{ inputLabel: { shrink: true } }}
      />
    </>
  );
}

const PEM = { htmlInput: { spellCheck: false, autoComplete: 'off', maxLength: 65_536, style: { fontFamily: 'monospace', fontSize: 13 } } };

function CertificateFields({ draft, onChange }: Props) {
  return (
    <>
      <TextField
        fullWidth
        multiline
        minRows={3}
        maxRows={8}
        margin="normal"
        label="Certificate (PEM)"
        placeholder="-----BEGIN CERTIFICATE-----"
        value={draft.certificate}
        onChange={(event) => onChange({ certificate: event.target.value })}
        helperText="The one you uploaded in Entra; it tells its own end."
        slotProps={PEM}
      />
      <TextField
        fullWidth
        multiline
        minRows={3}
        maxRows={8}
        margin="normal"
        label="Private key (PEM)"
        placeholder="-----BEGIN PRIVATE KEY-----"
        value={draft.key}
        onChange={(event) => onChange({ key: event.target.value })}
        helperText="Without a passphrase. It is kept encrypted and never shown again."
        slotProps={PEM}
      />
    </>
  );
}
