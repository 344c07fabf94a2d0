import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { replaysQuery } from '../api';
import { isUnderWay, replaySentence } from './words';

/** What is being replayed just now, by whomever. */
export function ActiveReplays() {
  const replays = useQuery(replaysQuery);
  const active = replays.data?.items.filter((one) => isUnderWay(one) && !one.dry_run) ?? [];
  return active.map((replay) => (
    <Alert
      key={replay.id}
      severity="info"
      role="status"
      sx={{ mb: 2 }}
      action={
        <Button component={Link} to={`/dead-letters/replays/${replay.id}`} color="inherit" size="small">
          Show
        </Button>
      }
    >
      Counts are changing. {replaySentence(replay)}
    </Alert>
  ));
}
