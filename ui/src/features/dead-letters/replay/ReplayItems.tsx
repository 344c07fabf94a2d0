import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link as RouterLink } from 'react-router';
import { ErrorState } from '../../../components/ErrorState';
import { TimeText } from '../../../components/TimeText';
import { plain } from '../../../lib/words';
import { replayItemsQuery } from '../api';
import type { Replay, ReplayItem, ReplayItemState } from '../types';
import { ITEM_STATE_WORDS } from './words';

const SHOWN: readonly ReplayItemState[] = ['failed_again', 'skipped', 'done', 'waiting', 'pending', 'planned'];

/** What became of each dead letter; at first those that failed again, because they need somebody. */
export function ReplayItems({ replay }: { replay: Replay }) {
  const [chosen, setChosen] = useState<ReplayItemState | 'all' | undefined>(undefined);
  const state = chosen ?? (replay.failed_again > 0 ? 'failed_again' : 'all');
  const items = useQuery(replayItemsQuery(replay.id, state === 'all' ? undefined : state));
  return (
    <Box component="section" aria-label="Items of the replay">
      <ToggleButtonGroup
        exclusive
        size="small"
        value={state}
        onChange={(_event, value: ReplayItemState | 'all' | null) => value !== null && setChosen(value)}
        aria-label="Which items are shown"
        sx={{ flexWrap: 'wrap' }}
      >
        <ToggleButton value="all">All</ToggleButton>
        {SHOWN.filter((one) => replay.dry_run === (one === 'planned') || one === 'skipped').map((one) => (
          <ToggleButton key={one} value={one}>
            {ITEM_STATE_WORDS[one]}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      {items.isError && (
        <ErrorState title="The items could not be loaded." error={items.error} onRetry={() => items.refetch()} />
      )}
      {items.data?.items.length === 0 && (
        <Typography variant="body2" color="text.secondary" sx={{ mt: 2 }}>
          None.
        </Typography>
      )}
      <Box component="ul" sx={{ listStyle: 'none', m: 0, mt: 1, p: 0 }}>
        {items.data?.items.map((item) => (
          <ItemLine key={item.event_id} item={item} />
        ))}
      </Box>
      {items.data?.next && (
        <Typography variant="caption" color="text.secondary">
          The first {items.data.items.length} are shown.
        </Typography>
      )}
    </Box>
  );
}

function ItemLine({ item }: { item: ReplayItem }) {
  return (
    <Typography component="li" variant="body2" sx={{ py: 0.75, borderBottom: 1, borderColor: 'divider', overflowWrap: 'anywhere' }}>
      <Link component={RouterLink} underline="always" to={`/events?event=${item.event_id}`}>
        {ITEM_STATE_WORDS[item.state]}
      </Link>{' '}
      {item.outcome && `(${plain(item.outcome)}) `}
      <Typography component="span" variant="caption" color="text.secondary">
        was dead because: {plain(item.reason)}, <TimeText at={item.changed_at} />
      </Typography>
    </Typography>
  );
}
