import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import { formatClock, useZone } from '../lib/time';

interface Props {
  /** Since when what is shown was not renewed; null or undefined shows nothing. */
  since: string | number | null | undefined;
  children?: ReactNode;
  onRetry?: (() => void) | undefined;
}

/** Data are kept on the screen, and it is said that they are old. */
export function StaleBar({ since, children, onRetry }: Props) {
  const zone = useZone();
  if (since === null || since === undefined) return null;
  const retry = onRetry && (
    <Button color="inherit" size="small" onClick={onRetry}>
      Retry
    </Button>
  );
  return (
    <Alert severity="warning" role="status" action={retry} sx={{ mb: 1.5 }}>
      Last updated {formatClock(new Date(since), zone)}. {children ?? 'Reconnecting.'}
    </Alert>
  );
}

/** For `useQuery`: set while there is data, but the last question failed. */
export function staleSince(query: { isError: boolean; dataUpdatedAt: number; data: unknown }): number | null {
  return query.isError && query.data !== undefined ? query.dataUpdatedAt : null;
}
