import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { CheckCircleIcon, ErrorIcon } from './icons';
import { TimeText } from './TimeText';

export interface TimelineEntry {
  at: string;
  title: string;
  text?: ReactNode;
  failed?: boolean;
}

/** What happened to one thing, in the order it is given. */
export function TimelineList({ label, items }: { label: string; items: readonly TimelineEntry[] }) {
  return (
    <Box component="ol" aria-label={label} sx={{ m: 0, p: 0, listStyle: 'none' }}>
      {items.map((item, index) => (
        <Entry key={`${item.at} ${index}`} item={item} last={index === items.length - 1} />
      ))}
    </Box>
  );
}

function Entry({ item, last }: { item: TimelineEntry; last: boolean }) {
  const Mark = item.failed ? ErrorIcon : CheckCircleIcon;
  return (
    <Box component="li" sx={{ display: 'flex', gap: 1.5 }}>
      <Box sx={{ display: 'flex', flexDirection: 'column', alignItems: 'center' }}>
        <Mark titleAccess={item.failed ? 'Failed' : 'Done'} sx={{ fontSize: 18, mt: 0.25, color: item.failed ? 'error.main' : 'success.main' }} />
        {!last && <Box aria-hidden sx={{ width: '1px', flex: 1, bgcolor: 'divider', my: 0.5 }} />}
      </Box>
      <Box sx={{ pb: last ? 0 : 1.5, minWidth: 0 }}>
        <Typography component="div">
          <strong>{item.title}</strong>{' '}
          <Box component="span" sx={{ color: 'text.secondary' }}>
            <TimeText at={item.at} format="both" />
          </Box>
        </Typography>
        {item.text && (
          <Typography variant="body2" color="text.secondary" component="div" sx={{ overflowWrap: 'anywhere' }}>
            {item.text}
          </Typography>
        )}
      </Box>
    </Box>
  );
}
