import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { FormEvent } from 'react';
import { useState } from 'react';
import { MAX_MAILBOXES, addressesIn, isChosen, toggled } from './chosen';

interface Props {
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** What is chosen so far, and a field for addresses that the directory does not show. */
export function ChosenMailboxes({ chosen, onChange }: Props) {
  const [typed, setTyped] = useState('');
  const add = (event: FormEvent) => {
    event.preventDefault();
    const fresh = addressesIn(typed).filter((address) => !isChosen(chosen, address));
    onChange([...chosen, ...new Set(fresh)]);
    setTyped('');
  };
  return (
    <Box component="section" aria-label="Chosen mailboxes">
      <Typography variant="h3" component="h3" gutterBottom>
        Chosen: {chosen.length}
      </Typography>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.75, mb: 1.5 }}>
        {chosen.map((name) => (
          <Chip key={name} label={name} onDelete={() => onChange(toggled(chosen, name))} />
        ))}
      </Box>
      {chosen.length > MAX_MAILBOXES && (
        <Typography variant="body2" color="error" role="alert" sx={{ mb: 1 }}>
          At most {MAX_MAILBOXES} at a time: take {chosen.length - MAX_MAILBOXES} out, and connect them afterwards.
        </Typography>
      )}
      <Box component="form" onSubmit={add} sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'flex-start' }}>
        <TextField
          label="Addresses, or object IDs"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          helperText="For mailboxes that the list does not show, such as shared ones. Several at once are fine."
          autoComplete="off"
          sx={{ flex: 1, minWidth: 240 }}
        />
        <Button type="submit" variant="outlined" disabled={addressesIn(typed).length === 0}>
          Add
        </Button>
      </Box>
    </Box>
  );
}
