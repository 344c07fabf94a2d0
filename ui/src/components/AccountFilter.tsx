import Autocomplete from '@mui/material/Autocomplete';
import TextField from '@mui/material/TextField';
import type { AccountName } from './accountNames';
import { useAccounts } from './accountNames';

interface Props {
  value: string;
  onChange: (id: string) => void;
  /** What an empty field means. */
  all?: string;
}

const MOST_SHOWN = 50;

/** Narrows a list to one account, found by typing part of its address or name. */
export function AccountFilter({ value, onChange, all = 'All accounts' }: Props) {
  const accounts = useAccounts();
  const chosen = accounts.find((one) => one.id === value) ?? (value ? { id: value, email: value, name: '' } : null);
  return (
    <Autocomplete<AccountName>
      options={accounts}
      value={chosen}
      onChange={(_event, option) => onChange(option?.id ?? '')}
      getOptionLabel={(option) => option.email}
      getOptionKey={(option) => option.id}
      isOptionEqualToValue={(option, other) => option.id === other.id}
      filterOptions={(options, { inputValue }) => matching(options, inputValue)}
      noOptionsText="No account has this in its name or address"
      size="small"
      sx={{ width: { xs: '100%', sm: 240 } }}
      renderInput={(params) => <TextField {...params} label="Account" placeholder={all} />}
    />
  );
}

export function matching(accounts: AccountName[], typed: string): AccountName[] {
  const sought = typed.trim().toLowerCase();
  const found = accounts.filter((one) => `${one.email} ${one.name}`.toLowerCase().includes(sought));
  return found.slice(0, MOST_SHOWN);
}
