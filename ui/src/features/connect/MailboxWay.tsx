import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { ProblemAlert } from '../../components/ErrorState';
import { useConnect } from './connectContext';
import { RegistrationField, SubscribeField } from './FlowOptions';
import { Permissions } from './Permissions';
import { DELEGATED } from './permissions';
import { useFlow } from './useFlow';
import { WayFrame } from './WayFrame';

const FORM = 'connect-mailbox';

/** One mailbox, whose owner signs in here. */
export function MailboxWay() {
  const { go, registration } = useConnect();
  const [registrationId, setRegistrationId] = useState(registration);
  const [loginHint, setLoginHint] = useState('');
  const [subscribe, setSubscribe] = useState(true);
  const flow = useFlow();
  const begin = () => flow.begin({ begin: 'authorize', loginHint, registrationId, subscribe: subscribe ? 'inbox' : null });
  return (
    <WayFrame
      title="One mailbox"
      onBack={() => go('choose')}
      actions={
        <Button type="submit" form={FORM} variant="contained" loading={flow.isLeaving}>
          Continue to Microsoft
        </Button>
      }
    >
      <Typography>
        Microsoft asks who signs in and what is allowed, in this window, and leads back here. Flovify never sees the password.
      </Typography>
      <form
        id={FORM}
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
      >
        <TextField
          label="Address of the mailbox"
          type="email"
          value={loginHint}
          onChange={(event) => setLoginHint(event.target.value)}
          helperText="Optional. Microsoft fills it in on its page."
          fullWidth
          autoComplete="off"
          sx={{ mb: 2 }}
        />
        <RegistrationField value={registrationId} onChange={setRegistrationId} />
        <SubscribeField checked={subscribe} onChange={setSubscribe} />
      </form>
      <Permissions
        kind="Delegated"
        permissions={DELEGATED}
        approver="the owner of the mailbox. Where the organisation lets only administrators approve access to mail, which is Microsoft's default for new organisations, an administrator approves first."
      />
      <Typography variant="body2">
        Not your mailbox?{' '}
        <Link component="button" type="button" onClick={() => go('link')}>
          Send its owner a link
        </Link>
        . Microsoft says “Need admin approval”?{' '}
        <Link component="button" type="button" onClick={() => go('consent')}>
          Ask for admin consent
        </Link>
        .
      </Typography>
      <ProblemAlert error={flow.error} />
    </WayFrame>
  );
}
