import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import type { FormEvent, ReactNode } from 'react';
import { useId, useState } from 'react';
import { ProblemAlert } from './ErrorState';

interface Props {
  open: boolean;
  onClose: () => void;
  /** A question that names the thing: "Disconnect anna@contoso.com?" */
  title: string;
  /** What happens at Microsoft, what is kept, how to undo it. */
  children: ReactNode;
  /** Repeats the verb of the title. */
  confirmLabel: string;
  level?: 'simple' | 'preview' | 'type-the-name';
  /** What is to be typed, for the level `type-the-name`. */
  name?: string | undefined;
  danger?: boolean;
  /** More is needed before it can be confirmed, such as a reason. */
  disabled?: boolean;
  /** The dialog stays, with the error in it, until this succeeds. */
  onConfirm: () => Promise<unknown>;
}

/** Asks before something that is not simply undone. */
export function ConfirmDialog(props: Props) {
  const { open, onClose, level = 'simple' } = props;
  const titleId = useId();
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      open={open}
      onClose={() => !busy && onClose()}
      maxWidth={level === 'preview' ? 'md' : 'sm'}
      fullWidth
      aria-labelledby={titleId}
      role={level === 'type-the-name' || props.danger ? 'alertdialog' : 'dialog'}
    >
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        {props.title}
      </DialogTitle>
      <Question {...props} level={level} busy={busy} setBusy={setBusy} />
    </Dialog>
  );
}

interface QuestionProps extends Props {
  level: NonNullable<Props['level']>;
  busy: boolean;
  setBusy: (busy: boolean) => void;
}

/** Inside of the dialog, so that each opening begins anew. */
function Question({ onClose, children, confirmLabel, level, name = '', danger, disabled, onConfirm, busy, setBusy }: QuestionProps) {
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<unknown>(null);
  const ready = !disabled && (level !== 'type-the-name' || typed.trim() === name.trim());
  const confirm = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={confirm}>
      <DialogContent sx={{ pt: 0 }}>
        {children}
        {level === 'type-the-name' && <NameField name={name} typed={typed} onType={setTyped} />}
        <ProblemAlert error={error} />
      </DialogContent>
      <DialogActions>
        {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the harmless answer is the one that Enter gives */}
        <Button autoFocus={level !== 'type-the-name'} onClick={onClose} disabled={busy}>
          Cancel
        </Button>
        <Button type="submit" variant="contained" color={danger || level === 'type-the-name' ? 'error' : 'primary'} disabled={!ready} loading={busy}>
          {confirmLabel}
        </Button>
      </DialogActions>
    </form>
  );
}

function NameField({ name, typed, onType }: { name: string; typed: string; onType: (text: string) => void }) {
  return (
    <TextField
      // oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing to do in this dialog
      autoFocus
      fullWidth
      margin="normal"
      autoComplete="off"
      label={`Type ${name} to confirm`}
      value={typed}
      onChange={(event) => onType(event.target.value)}
      slotProps={{ htmlInput: { spellCheck: false, autoCapitalize: 'off' } }}
    />
  );
}
