import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { ProblemAlert } from '../../components/ErrorState';
import { useConnect } from './connectContext';
import { POLLED, RegistrationField, SubscribeField } from './FlowOptions';
import { Permissions } from './Permissions';
import { SHARED } from './permissions';
import { useFlow } from './useFlow';
import { WayFrame } from './WayFrame';

const FORM = 'connect-shared';

/** A shared mailbox, by the sign-in of somebody who may read it. */
export function SharedWay() {
  const { go, registration } = useConnect();
  const [registrationId, setRegistrationId] = useState(registration);
  const [mailbox, setMailbox] = useState('');
  const [subscribe, setSubscribe] = useState(true);
  const flow = useFlow();
  const begin = () => flow.begin({ begin: 'authorize', mailbox: mailbox.trim(), registrationId, subscribe: subscribe ? 'inbox' : null });
  return (
    <WayFrame
      title="A shared mailbox"
      onBack={() => go('choose')}
      actions={
        <Button type="submit" form={FORM} variant="contained" loading={flow.isLeaving}>
          Continue to Microsoft
        </Button>
      }
    >
      <Typography>
        Sign in at Microsoft with your own account; you need full access to the shared mailbox. Microsoft announces nothing of it to a
        person, so Flovify looks every 40 seconds: nothing is lost, mail comes a little later.
      </Typography>
      <form
        id={FORM}
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
      >
        <TextField
          label="Address of the shared mailbox"
          type="email"
          required
          value={mailbox}
          onChange={(event) => setMailbox(event.target.value)}
          helperText="Its main address, such as sales@contoso.com."
          fullWidth
          autoComplete="off"
          sx={{ mb: 2 }}
        />
        <RegistrationField value={registrationId} onChange={setRegistrationId} />
        <SubscribeField checked={subscribe} onChange={setSubscribe} help={POLLED} />
      </form>
      <Permissions
        kind="Delegated"
        permissions={SHARED}
        approver="whoever signs in. Where the organisation lets only administrators approve access to mail, which is Microsoft's default for new organisations, an administrator approves first."
      />
      <Typography variant="body2">
        Many shared mailboxes, or mail within seconds?{' '}
        <Link component="button" type="button" onClick={() => go('organization')}>
          Connect mailboxes of an organisation
        </Link>
        .
      </Typography>
      <ProblemAlert error={flow.error} />
    </WayFrame>
  );
}
