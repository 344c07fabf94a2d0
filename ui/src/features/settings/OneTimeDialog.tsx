import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import type { ReactNode } from 'react';
import { useId } from 'react';
import { CopyButton } from '../../components/CopyButton';

interface Props {
  title: string;
  /** That it is shown only now, and what whoever has it can do. */
  warning: string;
  label: string;
  value: string;
  copyLabel: string;
  onClose: () => void;
  children?: ReactNode;
}

/** Shows a secret this one time; a click beside the dialog does not take it away. */
export function OneTimeDialog({ title, warning, label, value, copyLabel, onClose, children }: Props) {
  const titleId = useId();
  return (
    <Dialog open onClose={(_, reason) => reason !== 'backdropClick' && onClose()} maxWidth="sm" fullWidth aria-labelledby={titleId}>
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        {title}
      </DialogTitle>
      <DialogContent sx={{ pt: 0 }}>
        <Alert severity="warning">{warning}</Alert>
        <TextField
          fullWidth
          multiline
          margin="normal"
          label={label}
          value={value}
          onFocus={(event) => event.target.select()}
          slotProps={{ htmlInput: { readOnly: true, spellCheck: false } }}
        />
        <CopyButton text={value} label={copyLabel} />
        {children}
      </DialogContent>
      <DialogActions>
        <Button variant="contained" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}
