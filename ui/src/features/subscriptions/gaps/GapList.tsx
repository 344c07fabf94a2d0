import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { ErrorState } from '../../../components/ErrorState';
import { ListSkeleton } from '../../../components/Skeletons';
import { TimeText } from '../../../components/TimeText';
import { gapsQuery } from '../api';
import type { Gap } from '../types';
import { resourceWord } from '../words';
import { gapFound, gapWhy } from './words';

/** When notifications of an account may have been missed, and what was found of it; the last one first. */
export function GapList({ tenantId }: { tenantId: string }) {
  const gaps = useQuery(gapsQuery(tenantId));
  if (gaps.isPending) return <ListSkeleton rows={2} label="Loading the gaps" />;
  if (gaps.data === undefined) {
    return <ErrorState title="The gaps could not be loaded." error={gaps.error} onRetry={() => gaps.refetch()} />;
  }
  if (gaps.data.items.length === 0) {
    return <Typography color="text.secondary">None: there was no time in which a notification may have been missed.</Typography>;
  }
  return (
    <Box component="ol" aria-label="Gaps" sx={{ m: 0, p: 0, listStyle: 'none', display: 'grid', gap: 2 }}>
      {gaps.data.items.map((gap) => (
        <Line key={gap.id} gap={gap} />
      ))}
    </Box>
  );
}

function Line({ gap }: { gap: Gap }) {
  return (
    <Box component="li">
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
        <strong>{resourceWord(gap.resource)}</strong>
        <span>
          <TimeText at={gap.since} format="absolute" /> – <TimeText at={gap.until} format="absolute" />
        </span>
        <State gap={gap} />
      </Box>
      <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
        {gapWhy(gap)}. {gapFound(gap)}
      </Typography>
      {gap.closed_at === null && gap.last_error && <LastTry gap={gap} />}
    </Box>
  );
}

function State({ gap }: { gap: Gap }) {
  if (gap.closed_at !== null) return <Chip size="small" variant="outlined" color="success" label="Closed" />;
  if (gap.last_error) return <Chip size="small" variant="outlined" color="warning" label="Open: cannot look" />;
  return <Chip size="small" variant="outlined" color="info" label="Open" />;
}

function LastTry({ gap }: { gap: Gap }) {
  return (
    <Typography variant="body2" color="error" sx={{ overflowWrap: 'anywhere' }}>
      {gap.last_error} Tried again <TimeText at={gap.next_try_at} />.
    </Typography>
  );
}
