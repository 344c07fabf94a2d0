import IconButton from '@mui/material/IconButton';
import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import type { KeyboardEvent } from 'react';
import { useState } from 'react';
import { VisibilityIcon, VisibilityOffIcon } from './icons';

interface Props {
  label?: string;
  value: string;
  onChange: (password: string) => void;
  /** For password managers: an old password, or one that is made now. */
  purpose: 'current' | 'new';
  hint?: string | undefined;
  error?: boolean;
}

/** A password that may be pasted, shown, and is watched over for Caps Lock. */
export function PasswordField({ label = 'Password', value, onChange, purpose, hint, error = false }: Props) {
  const [shown, setShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const watchCaps = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'));
  return (
    <TextField
      required
      fullWidth
      margin="normal"
      label={label}
      type={shown ? 'text' : 'password'}
      value={value}
      error={error}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={watchCaps}
      onKeyUp={watchCaps}
      helperText={capsLock ? 'Caps Lock is on.' : hint}
      slotProps={{
        inputLabel: { required: false },
        htmlInput: { autoComplete: `${purpose}-password`, spellCheck: false, autoCapitalize: 'off', maxLength: 1000 },
        input: { endAdornment: <ShowButton shown={shown} onToggle={() => setShown(!shown)} /> },
      }}
    />
  );
}

function ShowButton({ shown, onToggle }: { shown: boolean; onToggle: () => void }) {
  return (
    <InputAdornment position="end">
      <IconButton edge="end" size="small" aria-label={shown ? 'Hide the password' : 'Show the password'} onClick={onToggle}>
        {shown ? <VisibilityOffIcon fontSize="small" /> : <VisibilityIcon fontSize="small" />}
      </IconButton>
    </InputAdornment>
  );
}
