import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Collapse from '@mui/material/Collapse';
import Typography from '@mui/material/Typography';
import { useId, useState } from 'react';
import { ExpandMoreIcon } from '../../../components/icons';
import { LabelledId } from '../../../components/LabelledId';
import { TimeText } from '../../../components/TimeText';
import { formatDuration } from '../../../lib/time';
import type { Attempt } from '../types';
import { outcomeWord } from './words';

/** What went wrong at a step, attempt by attempt; open from the start where the step failed. */
export function TraceAttempts({ attempts, open: openAtFirst }: { attempts: Attempt[]; open: boolean }) {
  const [open, setOpen] = useState(openAtFirst);
  const id = useId();
  return (
    <Box sx={{ mt: 0.5 }}>
      <Button
        size="small"
        onClick={() => setOpen(!open)}
        aria-expanded={open}
        aria-controls={id}
        endIcon={<ExpandMoreIcon sx={{ transform: open ? 'rotate(180deg)' : 'none' }} />}
      >
        {attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`}
      </Button>
      <Collapse in={open} id={id} unmountOnExit>
        <Box component="ul" aria-label="Attempts" sx={{ listStyle: 'none', m: 0, p: 0 }}>
          {attempts.map((attempt) => (
            <AttemptLine key={`${attempt.number} ${attempt.at}`} attempt={attempt} />
          ))}
        </Box>
      </Collapse>
    </Box>
  );
}

function AttemptLine({ attempt }: { attempt: Attempt }) {
  return (
    <Box component="li" sx={{ py: 1, pl: 1.5, borderLeft: 2, borderColor: 'divider', overflowWrap: 'anywhere' }}>
      <Typography variant="body2">
        <strong>{outcomeWord(attempt.outcome)}</strong>
        {attempt.times > 1 && `, ${attempt.times} times in a row`}
        {attempt.status !== null && ` - Microsoft answered ${attempt.status}`}
      </Typography>
      <Typography variant="caption" color="text.secondary" component="div">
        <TimeText at={attempt.at} format="absolute" />
        {attempt.wait_seconds !== null && `, then a wait of ${formatDuration(attempt.wait_seconds * 1000)}`}
      </Typography>
      {attempt.error && <Typography variant="body2">{attempt.error}</Typography>}
      {attempt.request_id && <LabelledId label="Microsoft request-id" id={attempt.request_id} />}
    </Box>
  );
}
