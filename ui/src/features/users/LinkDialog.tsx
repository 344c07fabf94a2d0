import Typography from '@mui/material/Typography';
import { TimeText } from '../../components/TimeText';
import { OneTimeDialog } from '../settings/OneTimeDialog';
import { invitationLink } from './api';
import type { Invitation } from './types';

interface Props {
  invitation: Invitation;
  onClose: () => void;
}

/** The link of an invitation. */
export function LinkDialog({ invitation, onClose }: Props) {
  return (
    <OneTimeDialog
      title={`Link for ${invitation.user.email}`}
      warning="This link is shown only now. Whoever has it can choose the password, once."
      label="Invitation link"
      value={invitationLink(invitation)}
      copyLabel="Copy the link"
      onClose={onClose}
    >
      <Typography component="div" sx={{ mt: 1 }}>
        It ends <TimeText at={invitation.expires_at} format="both" />. Links made before for this user do not work any more.
      </Typography>
    </OneTimeDialog>
  );
}
