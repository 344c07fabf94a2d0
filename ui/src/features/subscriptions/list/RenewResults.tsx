import Alert from '@mui/material/Alert';
import AlertTitle from '@mui/material/AlertTitle';
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import { Link as RouterLink } from 'react-router';
import type { RenewResult } from '../types';

interface Props {
  results: RenewResult[];
  nameOf: (id: string) => string;
  onClose: () => void;
}

/** How a renewal of several went: the failures by name, for each has a cause of its own. */
export function RenewResults({ results, nameOf, onClose }: Props) {
  const failed = results.filter(({ ok }) => !ok);
  const recreated = results.filter(({ outcome }) => outcome === 'recreated').length;
  return (
    <Alert severity={failed.length === 0 ? 'success' : 'warning'} variant="outlined" role="status" onClose={onClose} sx={{ mb: 1.5 }}>
      <AlertTitle>
        {results.length - failed.length} of {results.length} renewed
        {recreated > 0 && `, ${recreated} of them made anew`}
      </AlertTitle>
      {failed.length > 0 && (
        <Box component="ul" sx={{ pl: 2.5, my: 0 }}>
          {failed.map((one) => (
            <li key={one.id}>
              <Link component={RouterLink} to={`/subscriptions/${one.id}`}>
                {nameOf(one.id)}
              </Link>
              : {one.detail ?? one.code ?? 'no cause was told'}
            </li>
          ))}
        </Box>
      )}
    </Alert>
  );
}
