import Alert from '@mui/material/Alert';
import { TimeText } from '../../../components/TimeText';
import { stateWord } from '../../../lib/words';
import type { Subscription } from '../types';

/** Why it does not work, as Graph said it, and what helps. */
export function LastError({ subscription }: { subscription: Subscription }) {
  const { last_error: error, last_error_at: at, state_word: state } = subscription;
  if (error === null) return null;
  const { level, leave } = stateWord('subscription', state);
  return (
    <Alert severity={level === 'error' ? 'error' : 'warning'} variant="outlined" sx={{ mb: 2, bgcolor: 'background.paper', overflowWrap: 'anywhere' }}>
      {error} <TimeText at={at} none="" /> {leave}
    </Alert>
  );
}
