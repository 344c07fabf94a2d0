import Box from '@mui/material/Box';
import { useMemo } from 'react';
import { CopyButton } from './CopyButton';

const MOST_CHARACTERS = 300_000;

interface Props {
  value: unknown;
  label: string;
}

/** JSON as text, with a button that copies all of it. Very long texts are cut on the screen only. */
export function JsonBlock({ value, label }: Props) {
  const text = useMemo(() => JSON.stringify(value, null, 2) ?? 'null', [value]);
  return (
    <Box>
      <CopyButton text={text} label={`Copy ${label}`} />
      <TextBlock text={text} label={label} />
    </Box>
  );
}

interface TextProps {
  text: string;
  label: string;
}

/** Text in a fixed-width type, that can be scrolled by keyboard. */
export function TextBlock({ text, label }: TextProps) {
  const shown = text.length > MOST_CHARACTERS ? text.slice(0, MOST_CHARACTERS) : text;
  return (
    <Box
      component="pre"
      tabIndex={0}
      role="region"
      aria-label={label}
      sx={{
        m: 0,
        p: 1.5,
        maxHeight: '60vh',
        overflow: 'auto',
        fontSize: 13,
        fontFamily: 'monospace',
        whiteSpace: 'pre-wrap',
        overflowWrap: 'anywhere',
        bgcolor: 'action.hover',
        borderRadius: 1,
      }}
    >
      {shown}
      {shown.length < text.length && `\n\n(${text.length - shown.length} more characters are not shown here)`}
    </Box>
  );
}
