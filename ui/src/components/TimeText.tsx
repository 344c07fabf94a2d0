import Box from '@mui/material/Box';
import Tooltip from '@mui/material/Tooltip';
import type { MouseEvent } from 'react';
import { useState } from 'react';
import { copyText } from '../lib/copy';
import { formatTime, useRelative, useZone } from '../lib/time';
import { useTabIndex } from './tabStops';

interface Props {
  at: string | null | undefined;
  /** `relative`: "4 minutes ago", absolute on hover. `absolute`: with its zone, for details and exports. */
  format?: 'relative' | 'absolute' | 'both';
  /** Shown where there is no time. */
  none?: string;
}

/** A point in time; a click copies it in full. */
export function TimeText({ at, format = 'relative', none = 'Never' }: Props) {
  if (!at) return <Box component="span" sx={{ color: 'text.secondary' }}>{none}</Box>;
  return <KnownTime at={at} format={format} />;
}

function KnownTime({ at, format }: { at: string; format: NonNullable<Props['format']> }) {
  const relative = useRelative(at);
  const zone = useZone();
  const tabIndex = useTabIndex();
  const [copied, setCopied] = useState(false);
  const absolute = formatTime(at, zone);
  const copy = async (event: MouseEvent) => {
    event.stopPropagation();
    setCopied(await copyText(at));
  };
  const text = { relative, absolute, both: `${relative} (${absolute})` }[format];
  return (
    <Tooltip title={copied ? `Copied ${at}` : `${absolute}. Click to copy.`} onClose={() => setCopied(false)}>
      <Box component="button" type="button" onClick={copy} tabIndex={tabIndex} sx={PLAIN}>
        <time dateTime={at}>{text}</time>
      </Box>
    </Tooltip>
  );
}

const PLAIN = {
  font: 'inherit',
  color: 'inherit',
  background: 'none',
  border: 0,
  p: 0,
  minHeight: 24,
  textAlign: 'inherit',
  cursor: 'copy',
  '&:hover': { textDecoration: 'underline dotted' },
};
