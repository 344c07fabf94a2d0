import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import type { MouseEvent } from 'react';
import { useState } from 'react';
import { CheckIcon, ContentCopyIcon } from './shellIcons';
import { copyText } from '../lib/copy';

interface Props {
  id: string | null | undefined;
  /** What is copied, for the button's name: "account id". */
  label?: string;
  /** Show all of it. */
  full?: boolean;
}

const KEPT = 8;

/** An id in fixed width, shortened in its middle, with a button that copies all of it. */
export function CopyId({ id, label = 'id', full = false }: Props) {
  const [outcome, setOutcome] = useState<'copied' | 'refused' | null>(null);
  if (!id) return <Box component="span" sx={{ color: 'text.secondary' }}>None</Box>;
  const copy = async (event: MouseEvent) => {
    event.stopPropagation();
    setOutcome((await copyText(id)) ? 'copied' : 'refused');
  };
  // A browser that lets nobody copy shows all of it, to be selected by hand.
  const shown = full || outcome === 'refused' ? id : shortened(id);
  return (
    <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 0.25, maxWidth: '100%' }}>
      <Box component="code" title={id} sx={{ overflowWrap: 'anywhere', minWidth: 0 }}>
        {shown}
      </Box>
      <IconButton size="small" title={`Copy ${label}`} aria-label={`Copy ${label}`} onClick={copy} onBlur={() => setOutcome(null)}>
        {outcome === 'copied' ? <CheckIcon sx={{ fontSize: 16 }} /> : <ContentCopyIcon sx={{ fontSize: 16 }} />}
      </IconButton>
      {outcome === 'refused' && <Box component="span" role="status">Select it and press Ctrl+C</Box>}
      {outcome === 'copied' && <Box component="span" role="status" sx={HIDDEN}>Copied</Box>}
    </Box>
  );
}

export function shortened(id: string): string {
  return id.length <= 2 * KEPT + 3 ? id : `${id.slice(0, KEPT)}…${id.slice(-KEPT)}`;
}

const HIDDEN = { position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)', whiteSpace: 'nowrap' };
