import { CheckCircleIcon, ErrorIcon, HourglassEmptyIcon, RemoveCircleOutlineIcon } from '../../../components/icons';
import type { StepState } from '../types';

/** The state by shape as well as colour; the word stands beside it in the text. */
export function StepIcon({ state }: { state: StepState }) {
  if (state === 'done') return <CheckCircleIcon color="success" fontSize="small" aria-hidden />;
  if (state === 'failed') return <ErrorIcon color="error" fontSize="small" aria-hidden />;
  if (state === 'waiting') return <HourglassEmptyIcon color="info" fontSize="small" aria-hidden />;
  return <RemoveCircleOutlineIcon color="disabled" fontSize="small" aria-hidden />;
}
