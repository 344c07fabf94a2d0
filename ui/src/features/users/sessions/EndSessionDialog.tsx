import Typography from '@mui/material/Typography';
import { useQueryClient } from '@tanstack/react-query';
import { ConfirmDialog } from '../../../components/ConfirmDialog';
import { useToast } from '../../../components/toast';
import { SESSION_KEY } from '../../../lib/session';
import { useChange } from '../../settings/useChange';
import { SESSIONS, endSession } from '../api';
import type { SignInSession } from '../types';
import { deviceName } from './device';

interface Props {
  session: SignInSession;
  onClose: () => void;
}

export function EndSessionDialog({ session, onClose }: Props) {
  const { id, current, email, user_agent: agent } = session;
  const client = useQueryClient();
  const change = useChange(SESSIONS);
  const toast = useToast();
  const end = async () => {
    await change(() => endSession(id));
    // The shell sees that nobody is signed in any more, and asks to sign in.
    if (current) await client.invalidateQueries({ queryKey: SESSION_KEY });
    else toast({ text: `The session of ${email} was ended.` });
  };
  return (
    <ConfirmDialog open title={current ? 'End this session?' : `End the session of ${email}?`} confirmLabel="End the session" onClose={onClose} onConfirm={end}>
      <Typography>
        {current
          ? 'It is the one you use now: you will be asked to sign in again.'
          : `${deviceName(agent)} is signed out at once. Whoever knows the password can sign in again.`}
      </Typography>
    </ConfirmDialog>
  );
}
