import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useToast } from '../../../components/toast';
import { removalsQuery } from '../api';
import type { RemovalOrder } from '../types';
import { isOpen, nameOf, percentDeleted, removalSentence } from './removalWords';

/** A line for each account whose stored mail is being deleted; when that is done, it is said once. */
export function Removals() {
  const { data } = useQuery(removalsQuery);
  useFinished(data?.items);
  return data?.items.filter(isOpen).map((order) => <RemovalLine key={order.id} order={order} />);
}

function RemovalLine({ order }: { order: RemovalOrder }) {
  const percent = percentDeleted(order);
  // No live region: it would be read out every two seconds.
  return (
    <Alert severity="info" role="group" aria-label={`Deleting the stored mail of ${nameOf(order)}`} sx={{ mb: 1.5, '& .MuiAlert-message': { flexGrow: 1 } }}>
      <Box sx={{ fontVariantNumeric: 'tabular-nums' }}>{removalSentence(order)}</Box>
      <LinearProgress
        {...(percent === null ? { variant: 'indeterminate' } : { variant: 'determinate', value: percent })}
        aria-label={`Deleted mail of ${nameOf(order)}`}
        sx={{ height: 8, borderRadius: 1, mt: 1 }}
      />
    </Alert>
  );
}

/** Tells of those that were seen open. */
function useFinished(orders: RemovalOrder[] | undefined) {
  const toast = useToast();
  const seen = useRef(new Set<string>());
  useEffect(() => {
    for (const order of orders ?? []) {
      if (isOpen(order)) seen.current.add(order.id);
      else if (seen.current.delete(order.id)) toast({ text: `The stored mail of ${nameOf(order)} is deleted.` });
    }
  }, [orders, toast]);
}
