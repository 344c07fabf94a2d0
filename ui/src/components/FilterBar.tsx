import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import InputAdornment from '@mui/material/InputAdornment';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import type { ReactNode } from 'react';
import { useEffect, useRef, useState } from 'react';
import { SearchIcon } from './shellIcons';

interface Search {
  value: string;
  onChange: (text: string) => void;
  label: string;
}

interface Props {
  search?: Search;
  /** Selects, chips and the like. */
  children?: ReactNode;
  filtered?: boolean;
  onClear?: () => void;
  /** At the right: exports, columns. */
  actions?: ReactNode;
}

/** The filters above a list. Their values belong into the URL (`useUrlState`). */
export function FilterBar({ search, children, filtered = false, onClear, actions }: Props) {
  return (
    <Box role="search" sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', columnGap: 1, rowGap: 1.75, mt: 0.5, mb: 1.5 }}>
      {search && <SearchField {...search} />}
      {children}
      {filtered && onClear && <Button onClick={onClear}>Clear filters</Button>}
      {actions && <Box sx={{ ml: 'auto', display: 'flex', gap: 1, whiteSpace: 'nowrap' }}>{actions}</Box>}
    </Box>
  );
}

const TYPING_PAUSE = 300;

/** Tells what was typed once the typing rests; the key `/` leads here. */
export function SearchField({ value, onChange, label }: Search) {
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  const [last, setLast] = useState(value);
  const tell = useRef(onChange);
  useEffect(() => {
    tell.current = onChange;
  });
  if (value !== last) {
    setLast(value);
    if (value !== told) {
      // Changed from outside: Back, or "Clear filters". The echo of what was told may come late, and changes nothing.
      setTold(value);
      setTyped(value);
    }
  }
  useEffect(() => {
    const text = typed.trim();
    if (text === told) return undefined;
    const timer = setTimeout(() => {
      setTold(text);
      tell.current(text);
    }, TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [typed, told]);
  return (
    <TextField
      type="search"
      label={label}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      sx={{ width: { xs: '100%', sm: 300 } }}
      slotProps={{
        htmlInput: { 'data-search': true, maxLength: 200, spellCheck: false },
        input: {
          startAdornment: (
            <InputAdornment position="start">
              <SearchIcon fontSize="small" />
            </InputAdornment>
          ),
        },
      }}
    />
  );
}

interface SelectProps {
  label: string;
  value: string;
  /** The first one is usually `{ value: '', label: 'All' }`. */
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
  width?: number;
}

export function FilterSelect({ label, value, options, onChange, width = 160 }: SelectProps) {
  return (
    <TextField
      select
      label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      sx={{ minWidth: width }}
      slotProps={{ inputLabel: { shrink: true }, select: { displayEmpty: true } }}
    >
      {options.map((option) => (
        <MenuItem key={option.value} value={option.value}>
          {option.label}
        </MenuItem>
      ))}
    </TextField>
  );
}
