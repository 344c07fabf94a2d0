import Box from '@mui/material/Box';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { TimeText } from '../../../components/TimeText';
import { formatDuration } from '../../../lib/time';
import type { Attempt, Trace, TraceStep } from '../types';
import { StepIcon } from './StepIcon';
import { TraceAttempts } from './TraceAttempts';
import { STEP_STATE_WORDS, STEP_WORDS, stepOfAttempt } from './words';

/** The way of one event from Microsoft's notification to the stored row; attempts stand at the step they ended in. */
export function TraceTimeline({ trace }: { trace: Trace }) {
  return (
    <Box component="ol" aria-label="Steps" sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {trace.steps.map((step, index) => (
        <Step
          key={step.name}
          step={step}
          attempts={trace.attempts.filter((attempt) => stepOfAttempt(attempt) === step.name)}
          isLast={index === trace.steps.length - 1}
        />
      ))}
    </Box>
  );
}

interface StepProps {
  step: TraceStep;
  attempts: Attempt[];
  isLast: boolean;
}

function Step({ step, attempts, isLast }: StepProps) {
  return (
    <Box component="li" data-step={step.name} data-state={step.state} sx={{ display: 'flex', gap: 1.5 }}>
      <Stack sx={{ alignItems: 'center', pt: 0.25 }}>
        <StepIcon state={step.state} />
        {!isLast && <Box sx={{ flex: 1, width: '2px', minHeight: 12, my: 0.5, bgcolor: 'divider' }} />}
      </Stack>
      <Box sx={{ pb: isLast ? 0 : 2, minWidth: 0, flex: 1 }}>
        <Stack direction="row" sx={{ flexWrap: 'wrap', columnGap: 1, alignItems: 'baseline' }}>
          <Typography component="span" variant="subtitle2">
            {STEP_WORDS[step.name]}
          </Typography>
          {step.state !== 'done' && (
            <Typography component="span" variant="caption" color="text.secondary">
              {STEP_STATE_WORDS[step.state]}
            </Typography>
          )}
          <StepTime step={step} />
        </Stack>
        <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
          {step.detail}
        </Typography>
        {attempts.length > 0 && <TraceAttempts attempts={attempts} open={step.state === 'failed'} />}
      </Box>
    </Box>
  );
}

function StepTime({ step }: { step: TraceStep }) {
  if (step.at === null) return null;
  return (
    <Typography component="span" variant="caption" color="text.secondary">
      <TimeText at={step.at} format="absolute" />
      {step.since_previous_ms !== null && ` (+${formatDuration(step.since_previous_ms)})`}
    </Typography>
  );
}
