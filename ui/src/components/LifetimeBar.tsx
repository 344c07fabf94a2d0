import Box from '@mui/material/Box';
import { formatDuration, formatTime, useNow, useZone } from '../lib/time';
import type { Life } from './lifetime';
import { lifetime } from './lifetime';

interface Props {
  subscription: Life;
  /** With its dates in words under it. */
  detailed?: boolean;
}

/** A subscription's life as a line: how much of it is over, and where it will be renewed. What is polled has none. */
export function LifetimeBar({ subscription, detailed = false }: Props) {
  if (subscription.status === 'polled') return <Box component="span">{detailed ? 'It does not end: Flovify looks every 40 seconds.' : 'Does not end'}</Box>;
  return <Line subscription={subscription} detailed={detailed} />;
}

function Line({ subscription, detailed = false }: Props) {
  const life = lifetime(subscription, useNow());
  const zone = useZone();
  const left = life.over ? 'ended' : `${formatDuration(life.leftMs)} left`;
  const renewal = subscription.next_renewal_at === null ? 'no renewal planned' : `renewal ${formatTime(subscription.next_renewal_at, zone)}`;
  const ends = formatTime(subscription.expires_at, zone);
  return (
    <Box sx={{ minWidth: 120, width: '100%' }}>
      <Box role="img" aria-label={`Lifetime: ${left}; granted ${formatTime(life.grantedAt, zone)}, ${renewal}, ends ${ends}`} sx={TRACK}>
        <Box sx={{ ...PART, width: `${life.now}%`, bgcolor: life.over ? 'error.main' : 'primary.main' }} />
        {life.renewal !== null && !life.over && <Box sx={{ ...MARK, left: `${life.renewal}%` }} />}
      </Box>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', columnGap: 2, fontSize: 12, lineHeight: 1.4, mt: 0.25 }}>
        <Box component="span" sx={{ color: life.over ? 'error.main' : 'text.secondary' }}>
          {detailed ? `granted ${formatTime(life.grantedAt, zone)}` : left}
        </Box>
        {detailed && (
          <Box component="span" sx={{ color: 'text.secondary' }}>
            {renewal}
          </Box>
        )}
        {detailed && (
          <Box component="span" sx={{ color: life.over ? 'error.main' : 'text.secondary' }}>
            {life.over ? `ended ${ends}` : `ends ${ends}, ${left}`}
          </Box>
        )}
      </Box>
    </Box>
  );
}

const FORCED = '@media (forced-colors: active)';
const TRACK = { position: 'relative', height: 8, borderRadius: 1, bgcolor: 'action.selected', [FORCED]: { border: '1px solid CanvasText' } };
const PART = { position: 'absolute', insetBlock: 0, left: 0, borderRadius: 1, [FORCED]: { bgcolor: 'Highlight', forcedColorAdjust: 'none' } };
// The renewal point is a mark through the line: its shape tells it, not its colour.
const MARK = { position: 'absolute', top: -3, bottom: -3, width: 3, ml: '-1.5px', bgcolor: 'text.primary', [FORCED]: { bgcolor: 'CanvasText' } };
