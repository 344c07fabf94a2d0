import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { CLOUDS } from './clouds';

export const NO_IDENTITY = { client_id: '', cloud: 'global', authority_tenant: 'common', display_name: '', is_default: false };

type Identity = typeof NO_IDENTITY;

interface Props {
  identity: Identity;
  onChange: (patch: Partial<Identity>) => void;
}

const PLAIN = { htmlInput: { spellCheck: false, autoCapitalize: 'off', autoComplete: 'off' } };

/** What Entra's overview page tells of an application. */
export function IdentityFields({ identity, onChange }: Props) {
  return (
    <>
      <TextField
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the first thing to fill in of this dialog
        autoFocus
        fullWidth
        margin="normal"
        label="Application (client) ID"
        value={identity.client_id}
        onChange={(event) => onChange({ client_id: event.target.value })}
        slotProps={PLAIN}
      />
      <TextField select fullWidth margin="normal" label="Cloud" value={identity.cloud} onChange={(event) => onChange({ cloud: event.target.value })}>
        {Object.entries(CLOUDS).map(([cloud, name]) => (
          <MenuItem key={cloud} value={cloud}>
            {name}
          </MenuItem>
        ))}
      </TextField>
      <AudienceFields audience={identity} onChange={onChange} />
      <FormControlLabel
        control={<Checkbox checked={identity.is_default} onChange={(_, checked) => onChange({ is_default: checked })} />}
        label="Use it for new accounts where none is chosen (default)"
      />
    </>
  );
}

interface AudienceProps {
  audience: Pick<Identity, 'authority_tenant' | 'display_name'>;
  onChange: (patch: Partial<Pick<Identity, 'authority_tenant' | 'display_name'>>) => void;
}

/** What can be changed later, too. */
export function AudienceFields({ audience, onChange }: AudienceProps) {
  return (
    <>
      <TextField
        fullWidth
        margin="normal"
        label="Name here"
        value={audience.display_name}
        onChange={(event) => onChange({ display_name: event.target.value })}
        slotProps={{ htmlInput: { maxLength: 256, autoComplete: 'off' } }}
      />
      <TextField
        fullWidth
        margin="normal"
        label="Who may sign in"
        value={audience.authority_tenant}
        onChange={(event) => onChange({ authority_tenant: event.target.value })}
        helperText="common: every organisation and personal accounts; organizations: every organisation; or the ID of the only one."
        slotProps={PLAIN}
      />
    </>
  );
}
