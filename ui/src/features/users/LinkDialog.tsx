import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useId } from 'react';
import { CopyButton } from '../../components/CopyButton';
import { TimeText } from '../../components/TimeText';
import { invitationLink } from './api';
import type { Invitation } from './types';

interface Props {
  invitation: Invitation;
  onClose: () => void;
}

/** Shows the link this one time; a click beside the dialog does not take it away. */
export function LinkDialog({ invitation, onClose }: Props) {
  const titleId = useId();
  const link = invitationLink(invitation);
  return (
    <Dialog open onClose={(_, reason) => reason !== 'backdropClick' && onClose()} maxWidth="sm" fullWidth aria-labelledby={titleId}>
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        Link for {invitation.user.email}
      </DialogTitle>
      <DialogContent sx={{ pt: 0 }}>
        <Alert severity="warning">This link is shown only now. Whoever has it can choose the password, once.</Alert>
        <TextField
          fullWidth
          multiline
          margin="normal"
          label="Invitation link"
          value={link}
          onFocus={(event) => event.target.select()}
          slotProps={{ htmlInput: { readOnly: true, spellCheck: false } }}
        />
        <CopyButton text={link} label="Copy the link" />
        <Typography component="div" sx={{ mt: 1 }}>
          It ends <TimeText at={invitation.expires_at} format="both" />. Links made before for this user do not work any more.
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
