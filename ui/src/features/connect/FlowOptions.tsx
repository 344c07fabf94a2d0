import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormHelperText from '@mui/material/FormHelperText';
import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useQuery } from '@tanstack/react-query';
import { registrationsQuery } from './api';
import type { Registration } from './types';

interface RegistrationProps {
  value: string;
  onChange: (id: string) => void;
}

/** Which app registration asks. Not shown while there is only the default one. */
export function RegistrationField({ value, onChange }: RegistrationProps) {
  const known = useQuery(registrationsQuery).data?.items ?? [];
  if (known.length < 2 && value === '') return null;
  return (
    <TextField
      select
      fullWidth
      label="App registration"
      value={known.some(({ id }) => id === value) ? value : ''}
      onChange={(event) => onChange(event.target.value)}
      helperText="The app that Microsoft names on its page."
      slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
    >
      <MenuItem value="">The default one</MenuItem>
      {known.map((registration) => (
        <MenuItem key={registration.id} value={registration.id}>
          {registrationName(registration)}
        </MenuItem>
      ))}
    </TextField>
  );
}

export function registrationName({ display_name, client_id, cloud, is_default }: Registration): string {
  const about = [cloud === 'global' ? '' : `cloud ${cloud}`, is_default ? 'default' : ''].filter(Boolean).join(', ');
  return `${display_name || client_id}${about && ` (${about})`}`;
}

interface SubscribeProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  many?: boolean;
  /** What comes of it. */
  help?: string;
}

/** What comes of watching a shared mailbox. */
export const POLLED = 'Its new mail is then looked for and stored.';

/** Without a subscription Microsoft announces nothing, so it is made unless somebody does not want it. */
export function SubscribeField({ checked, onChange, many = false, help = 'Microsoft then announces every new message.' }: SubscribeProps) {
  return (
    <Box>
      <FormControlLabel
        control={<Checkbox checked={checked} onChange={(_, now) => onChange(now)} aria-describedby="subscribe-help" />}
        label={many ? 'Subscribe each inbox as soon as it is connected' : 'Subscribe the inbox as soon as it is connected'}
      />
      <FormHelperText id="subscribe-help" sx={{ ml: 4, mt: -0.5 }}>
        {help} Without it the account is connected and stores nothing yet.
      </FormHelperText>
    </Box>
  );
}
