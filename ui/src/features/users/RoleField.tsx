import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { roleWord } from '../../lib/role';
import type { Role } from '../../lib/session';
import { ROLES } from './roles';

interface Props {
  value: Role;
  onChange: (role: Role) => void;
}

export function RoleField({ value, onChange }: Props) {
  return (
    <TextField
      select
      fullWidth
      margin="normal"
      label="Role"
      value={value}
      onChange={(event) => onChange(event.target.value as Role)}
      helperText={ROLES.find(({ role }) => role === value)?.may}
    >
      {ROLES.map(({ role }) => (
        <MenuItem key={role} value={role}>
          {roleWord(role)}
        </MenuItem>
      ))}
    </TextField>
  );
}
