import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import type { FormEvent, ReactNode } from 'react';
import { useId, useState } from 'react';
import { ProblemAlert } from '../../components/ErrorState';

interface Props {
  title: string;
  submitLabel: string;
  /** Something required is missing yet. */
  incomplete?: boolean;
  onClose: () => void;
  /** The dialog stays, with the error and what was typed, until this succeeds. */
  onSubmit: () => Promise<unknown>;
  children: ReactNode;
}

/** A dialog that asks for values; mounted while it is open, so that nothing typed outlives it. */
export function FormDialog({ title, submitLabel, incomplete = false, onClose, onSubmit, children }: Props) {
  const titleId = useId();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onSubmit();
      onClose();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={(_, reason) => reason !== 'backdropClick' && !busy && onClose()} maxWidth="sm" fullWidth aria-labelledby={titleId}>
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        {title}
      </DialogTitle>
      <form onSubmit={submit} noValidate autoComplete="off">
        <DialogContent sx={{ pt: 0 }}>
          {children}
          <ProblemAlert error={error} />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose} disabled={busy}>
            Cancel
          </Button>
          <Button type="submit" variant="contained" disabled={incomplete} loading={busy}>
            {submitLabel}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
