import Alert from '@mui/material/Alert';
import Link from '@mui/material/Link';
import { Link as RouterLink } from 'react-router';
import { problemText } from '../../../lib/problemText';
import type { EventDetail } from '../../events/types';
import { eventState } from '../../events/words';

interface Props {
  none: boolean;
  event: EventDetail | undefined;
  error: Error | null;
}

/** What became of the one that was tried. */
export function TestResult({ none, event, error }: Props) {
  const { severity, text } = resultOf(none, event, error);
  return (
    <Alert severity={severity} role="status" sx={{ width: '100%', overflowWrap: 'anywhere' }}>
      {text}{' '}
      {event && (
        <Link component={RouterLink} underline="always" to={`/events?event=${event.id}`}>
          See its way
        </Link>
      )}
    </Alert>
  );
}

interface Result {
  severity: 'success' | 'info' | 'warning' | 'error';
  text: string;
}

function resultOf(none: boolean, event: EventDetail | undefined, error: Error | null): Result {
  if (none) return { severity: 'info', text: 'None with this cause any more.' };
  if (event === undefined) {
    if (error === null) return { severity: 'info', text: 'One was put back into the queue.' };
    return { severity: 'warning', text: `One was put back into the queue; what became of it is not known. ${problemText(error)}` };
  }
  if (event.state === 'waiting') return { severity: 'info', text: 'One is in the queue and not done yet.' };
  if (event.state === 'dead') {
    return { severity: 'error', text: `It failed again${event.last_error ? `: ${event.last_error}` : ''}. The cause is still there.` };
  }
  return { severity: 'success', text: `It worked: ${eventState(event).means} The others can be replayed.` };
}
