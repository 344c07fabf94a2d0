import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import Dialog from '@mui/material/Dialog';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { problemText } from '../lib/problemText';
import type { Found } from './search';
import { useSearch } from './search';

/** Ctrl+K: pages, accounts, messages, ids. */
export function CommandPalette({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} fullWidth maxWidth="sm" aria-label="Search everything" slotProps={{ paper: { sx: { position: 'absolute', top: 64, m: 1, overflow: 'visible' } } }}>
      <SearchBox onClose={onClose} />
    </Dialog>
  );
}

function SearchBox({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const { found, isSearching, error } = useSearch(text);
  const choose = (choice: Found | null) => {
    if (choice === null) return;
    onClose();
    void navigate(choice.to);
  };
  return (
    <Box sx={{ p: 1.5 }}>
      <Autocomplete<Found>
        open
        autoHighlight
        options={found}
        groupBy={(option) => option.group}
        getOptionLabel={(option) => option.label}
        getOptionKey={(option) => option.to + option.label}
        filterOptions={(options) => options}
        inputValue={text}
        onInputChange={(_, typed, reason) => reason !== 'reset' && setText(typed)}
        onChange={(_, choice) => choose(choice)}
        value={null}
        loading={isSearching}
        loadingText="Searching…"
        noOptionsText={error ? `The search failed: ${problemText(error)}` : 'Nothing found.'}
        forcePopupIcon={false}
        renderOption={({ key, ...props }, option) => (
          <Box component="li" key={key} {...props}>
            <Option found={option} />
          </Box>
        )}
        renderInput={(params) => (
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- opened by a key in order to type
          <TextField {...params} autoFocus size="medium" label="Search everything" placeholder="Name, address, subject, any id" />
        )}
      />
    </Box>
  );
}

function Option({ found }: { found: Found }) {
  return (
    <Box sx={{ minWidth: 0 }}>
      <Typography noWrap>{found.label}</Typography>
      {found.detail && (
        <Typography noWrap variant="caption" color="text.secondary" component="div">
          {found.detail}
        </Typography>
      )}
    </Box>
  );
}
