import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { PauseIcon, PlayArrowIcon } from '../components/shellIcons';
import { useLive } from '../lib/live';
import type { LiveState } from '../lib/live';
import { usePreference } from '../lib/preferences';

const WORD: Record<LiveState, string> = { live: 'Live', polling: 'Every 15 s', paused: 'Paused', connecting: 'Connecting' };
const COLOR: Record<LiveState, string> = { live: 'success.main', polling: 'warning.main', paused: 'text.secondary', connecting: 'info.main' };

/** How the page learns of changes; a press pauses it, so that nothing repaints while somebody reads. */
export function LiveDot() {
  const { state, why } = useLive();
  const [live, setLive] = usePreference('live');
  const pausedByHand = live === 'paused';
  const hint = pausedByHand ? 'Press to resume live updates.' : 'Press to pause live updates.';
  return (
    <Button
      title={`${why ? `${why} ` : ''}${hint}`}
      size="small"
      color="inherit"
      onClick={() => setLive(pausedByHand ? 'on' : 'paused')}
      aria-label={pausedByHand ? 'Resume live updates' : `Pause live updates (${WORD[state]})`}
      sx={{ minWidth: 36, color: 'text.secondary', gap: 0.75, px: 1 }}
    >
      <Mark state={state} byHand={pausedByHand} />
      <Box component="span" role="status" sx={{ display: { xs: 'none', sm: 'inline' } }}>
        {WORD[state]}
      </Box>
    </Button>
  );
}

function Mark({ state, byHand }: { state: LiveState; byHand: boolean }) {
  if (byHand) return <PlayArrowIcon fontSize="small" />;
  if (state === 'paused') return <PauseIcon fontSize="small" />;
  return (
    <Box
      aria-hidden
      sx={{ width: 10, height: 10, borderRadius: '50%', bgcolor: COLOR[state], '@media (forced-colors: active)': { border: '5px solid CanvasText' } }}
    />
  );
}
