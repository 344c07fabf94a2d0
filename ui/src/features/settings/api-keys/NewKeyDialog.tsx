import Autocomplete from '@mui/material/Autocomplete';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormGroup from '@mui/material/FormGroup';
import FormLabel from '@mui/material/FormLabel';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useId, useState } from 'react';
import { matching } from '../../../components/AccountFilter';
import type { AccountName } from '../../../components/accountNames';
import { useAccounts } from '../../../components/accountNames';
import { FormDialog } from '../FormDialog';
import { useChange } from '../useChange';
import type { MadeApiKey, Scope } from './api';
import { API_KEYS, makeKey } from './api';
import { LIVES, SCOPES } from './words';

interface Props {
  onClose: () => void;
  onMade: (made: MadeApiKey) => void;
}

export function NewKeyDialog({ onClose, onMade }: Props) {
  const change = useChange(API_KEYS);
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(['messages:read']);
  const [accounts, setAccounts] = useState<readonly AccountName[]>([]);
  const [days, setDays] = useState<number>(LIVES[1].days);
  const make = async () => {
    const tenants = accounts.map(({ id }) => id);
    const body = { name: name.trim(), scopes: [...scopes], tenant_ids: tenants.length > 0 ? tenants : null, expires_in_days: days || null };
    onMade(await change(() => makeKey(body)));
  };
  return (
    <FormDialog title="Make an API key" submitLabel="Make the key" incomplete={name.trim() === '' || scopes.length === 0} onClose={onClose} onSubmit={make}>
      <TextField fullWidth required margin="normal" label="Name" helperText="The program it is for, such as “n8n, invoices”." value={name} onChange={(event) => setName(event.target.value)} slotProps={{ htmlInput: { maxLength: 100 } }} />
      <Scopes chosen={scopes} onChange={setScopes} />
      <Accounts chosen={accounts} onChange={setAccounts} />
      <TextField select fullWidth margin="normal" label="Works for" value={days} onChange={(event) => setDays(Number(event.target.value))}>
        {LIVES.map((life) => (
          <MenuItem key={life.days} value={life.days}>
            {life.label}
          </MenuItem>
        ))}
      </TextField>
    </FormDialog>
  );
}

function Scopes({ chosen, onChange }: { chosen: readonly Scope[]; onChange: (scopes: readonly Scope[]) => void }) {
  const id = useId();
  const flip = (scope: Scope, on: boolean) => onChange(on ? [...chosen, scope] : chosen.filter((one) => one !== scope));
  return (
    <FormGroup role="group" aria-labelledby={id} sx={{ mt: 1 }}>
      <FormLabel id={id}>What it may do</FormLabel>
      {SCOPES.map(({ scope, means }) => (
        <FormControlLabel
          key={scope}
          control={<Checkbox checked={chosen.includes(scope)} onChange={(_event, on) => flip(scope, on)} />}
          label={
            <>
              <code>{scope}</code> <Typography component="span" variant="body2" color="text.secondary">{means}</Typography>
            </>
          }
        />
      ))}
    </FormGroup>
  );
}

function Accounts({ chosen, onChange }: { chosen: readonly AccountName[]; onChange: (accounts: readonly AccountName[]) => void }) {
  return (
    <Autocomplete
      multiple
      options={useAccounts()}
      value={[...chosen]}
      onChange={(_event, accounts) => onChange(accounts)}
      getOptionLabel={(account) => account.email}
      getOptionKey={(account) => account.id}
      isOptionEqualToValue={(one, other) => one.id === other.id}
      filterOptions={(options, { inputValue }) => matching(options, inputValue)}
      noOptionsText="No account has this in its name or address"
      renderInput={(params) => <TextField {...params} margin="normal" label="Accounts" helperText="Empty: all accounts, those connected later too." />}
    />
  );
}
