import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import type { ReactNode } from 'react';
import { useDelayed } from '../lib/useDelayed';

const DELAY = 200;

/** Shows its children only when loading takes longer than a moment. */
export function Delayed({ children }: { children: ReactNode }) {
  return useDelayed(DELAY) ? children : null;
}

function Loading({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box aria-busy="true" role="status" aria-label={label}>
      <Delayed>{children}</Delayed>
    </Box>
  );
}

export function ListSkeleton({ rows = 6, label = 'Loading the list' }: { rows?: number; label?: string }) {
  return (
    <Loading label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} variant="rounded" height={40} sx={{ my: 1 }} />
      ))}
    </Loading>
  );
}

export function CardSkeleton({ height = 120, label = 'Loading' }: { height?: number; label?: string }) {
  return (
    <Loading label={label}>
      <Skeleton variant="rounded" height={height} />
    </Loading>
  );
}

export function DetailSkeleton({ label = 'Loading' }: { label?: string }) {
  return (
    <Loading label={label}>
      <Skeleton variant="text" width="40%" height={40} />
      <Skeleton variant="text" width="70%" />
      <Skeleton variant="rounded" height={220} sx={{ mt: 2 }} />
    </Loading>
  );
}
