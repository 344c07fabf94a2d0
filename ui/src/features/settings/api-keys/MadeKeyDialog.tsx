import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useId } from 'react';
import { CopyButton } from '../../../components/CopyButton';
import type { MadeApiKey } from './api';
import { exampleCall } from './words';

interface Props {
  made: MadeApiKey;
  onClose: () => void;
}

/** Shows the key this one time; a click beside the dialog does not take it away. */
export function MadeKeyDialog({ made, onClose }: Props) {
  const titleId = useId();
  const example = exampleCall(location.origin, made.api_key);
  return (
    <Dialog open onClose={(_, reason) => reason !== 'backdropClick' && onClose()} maxWidth="sm" fullWidth aria-labelledby={titleId}>
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        Key for {made.api_key.name}
      </DialogTitle>
      <DialogContent sx={{ pt: 0 }}>
        <Alert severity="warning">This key is shown only now. Keep it where the program keeps its secrets.</Alert>
        <TextField
          fullWidth
          multiline
          margin="normal"
          label="API key"
          value={made.key}
          onFocus={(event) => event.target.select()}
          slotProps={{ htmlInput: { readOnly: true, spellCheck: false } }}
        />
        <CopyButton text={made.key} label="Copy the key" />
        <Typography component="div" variant="body2" color="text.secondary" sx={{ mt: 2 }}>
          Programs send it as <code>Authorization: Bearer flv_…</code>, for instance:
        </Typography>
        <Typography component="pre" variant="body2" tabIndex={0} sx={{ overflowX: 'auto', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', m: 0, mt: 1 }}>
          {example}
        </Typography>
      </DialogContent>
      <DialogActions>
        <Button variant="contained" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}
