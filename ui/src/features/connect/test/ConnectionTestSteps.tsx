import Box from '@mui/material/Box';
import CircularProgress from '@mui/material/CircularProgress';
import Typography from '@mui/material/Typography';
import { CheckCircleIcon, ErrorIcon, RadioButtonUncheckedIcon, SkipNextIcon } from '../../../components/icons';
import { formatDuration } from '../../../lib/time';
import { StepFailure } from './StepFailure';
import type { StepLine } from './steps';
import { STEPS } from './steps';
import type { ConnectionTest } from './useConnectionTest';

interface Props {
  test: ConnectionTest;
  mailbox: string;
}

/** The steps of a test: those that ended with their times, the one under way, and those to come. */
export function ConnectionTestSteps({ test, mailbox }: Props) {
  const told = new Map(test.lines.map((line) => [line.step, line]));
  const current = test.state === 'running' ? STEPS.find(({ step }) => !told.has(step))?.step : undefined;
  return (
    <Box component="ol" aria-label="Steps of the test" sx={{ m: 0, p: 0, listStyle: 'none', display: 'grid', gap: 1.5 }}>
      {STEPS.map(({ step, title, shows }) => {
        const line = told.get(step);
        return (
          <Box component="li" key={step} sx={{ display: 'flex', gap: 1.5 }}>
            <StepMark line={line} running={step === current} />
            <Box sx={{ minWidth: 0, flex: 1 }}>
              <Typography sx={{ fontWeight: 600 }}>
                {title}
                {line && line.status !== 'skipped' && (
                  <Typography component="span" color="text.secondary" sx={{ ml: 1 }}>
                    {formatDuration(line.ms)}
                  </Typography>
                )}
              </Typography>
              <StepText line={line} shows={shows} mailbox={mailbox} />
            </Box>
          </Box>
        );
      })}
    </Box>
  );
}

function StepText({ line, shows, mailbox }: { line: StepLine | undefined; shows: string; mailbox: string }) {
  if (line?.status === 'failed') return <StepFailure line={line} mailbox={mailbox} />;
  const text = line?.status === 'skipped' ? line.words : shows;
  return (
    <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
      {text}
    </Typography>
  );
}

const MARKS = {
  ok: <CheckCircleIcon color="success" titleAccess="Passed" />,
  failed: <ErrorIcon color="error" titleAccess="Failed" />,
  skipped: <SkipNextIcon color="disabled" titleAccess="Skipped" />,
};

function StepMark({ line, running }: { line: StepLine | undefined; running: boolean }) {
  if (line) return MARKS[line.status];
  if (running) return <CircularProgress size={22} aria-label="Under way" sx={{ m: '1px', flexShrink: 0 }} />;
  return <RadioButtonUncheckedIcon color="disabled" titleAccess="Not begun" />;
}
