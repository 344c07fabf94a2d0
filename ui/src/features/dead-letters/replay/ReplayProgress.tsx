import LinearProgress from '@mui/material/LinearProgress';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { TimeText } from '../../../components/TimeText';
import type { Replay } from '../types';
import { isUnderWay, percentDone, replaySentence } from './words';

/** The bar, the sentence and the five figures. */
export function ReplayProgress({ replay }: { replay: Replay }) {
  return (
    <Box>
      <Typography role="status" sx={{ mb: 1 }}>
        {replaySentence(replay)}
      </Typography>
      {!replay.dry_run && (
        <LinearProgress
          variant="determinate"
          value={percentDone(replay)}
          color={replay.failed_again > 0 ? 'warning' : 'primary'}
          aria-label="Part of the replay that has come to an end"
          sx={{ height: 8, borderRadius: 1 }}
        />
      )}
      <Figures replay={replay} />
      <Typography variant="body2" color="text.secondary" sx={{ mt: 1 }}>
        Started <TimeText at={replay.started_at} format="absolute" /> by {replay.started_by}, at most {replay.per_second} a
        second.
        {replay.finished_at !== null && (
          <>
            {' '}
            Ended <TimeText at={replay.finished_at} format="absolute" />.
          </>
        )}
        {isUnderWay(replay) && ' It goes on when you leave this page.'}
      </Typography>
    </Box>
  );
}

function Figures({ replay }: { replay: Replay }) {
  const figures: [string, number][] = [
    ['Done', replay.done],
    ['Failed again', replay.failed_again],
    ['Left out', replay.skipped],
    ['In the queue', replay.waiting],
    ['Remaining', replay.remaining],
  ];
  return (
    <Box component="dl" sx={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(88px, 1fr))', gap: 1, my: 2 }}>
      {figures.map(([label, value]) => (
        <Box key={label}>
          <Typography component="dt" variant="caption" color="text.secondary">
            {label}
          </Typography>
          <Typography component="dd" variant="h6" sx={{ m: 0, fontVariantNumeric: 'tabular-nums' }}>
            {value.toLocaleString('en')}
          </Typography>
        </Box>
      ))}
    </Box>
  );
}
