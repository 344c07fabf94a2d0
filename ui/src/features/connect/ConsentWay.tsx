import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { ProblemAlert } from '../../components/ErrorState';
import { useConnect } from './connectContext';
import { RegistrationField } from './FlowOptions';
import { MakeLink } from './links/MakeLink';
import { NarrowNote } from './NarrowNote';
import { Permissions } from './Permissions';
import { APPLICATION, DELEGATED } from './permissions';
import { useFlow } from './useFlow';
import { WayFrame } from './WayFrame';

const APPROVER =
  'a Global Administrator or Privileged Role Administrator. Cloud Application and Application Administrators may approve delegated permissions only.';
const DIRECTORY_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An administrator approves the app for the organisation: here, or elsewhere by a link. */
export function ConsentWay() {
  const { go, registration } = useConnect();
  const [registrationId, setRegistrationId] = useState(registration);
  const [organization, setOrganization] = useState('');
  const flow = useFlow();
  const wrong = organization !== '' && !DIRECTORY_ID.test(organization.trim());
  const begin = () => flow.begin({ begin: 'adminconsent', organization: organization.trim(), registrationId });
  return (
    <WayFrame
      title="Admin consent"
      onBack={() => go('choose')}
      actions={
        <>
          <Button onClick={() => go('organization')}>It was approved already</Button>
          <Button variant="contained" onClick={begin} loading={flow.isLeaving} disabled={wrong}>
            Approve as administrator
          </Button>
        </>
      }
    >
      <Typography>
        An administrator of the organisation approves the app once, for everybody. Then mailboxes are chosen from a list, or
        their owners sign in without being asked for approval.
      </Typography>
      <TextField
        label="Directory (tenant) ID"
        value={organization}
        onChange={(event) => setOrganization(event.target.value)}
        error={wrong}
        helperText={wrong ? 'This is no directory ID, such as 7d9a1c1e-6f0b-4f43-9b8e-0a1b2c3d4e5f.' : 'Optional. Microsoft knows it from who signs in.'}
        fullWidth
        autoComplete="off"
      />
      <RegistrationField value={registrationId} onChange={setRegistrationId} />
      <Permissions kind="Application" permissions={APPLICATION} approver={APPROVER} />
      <NarrowNote />
      <Permissions kind="Delegated" permissions={DELEGATED} approver={APPROVER} />
      <Alert severity="info" variant="outlined">
        You are no administrator there? Make a link, and send it to one.
      </Alert>
      <MakeLink purpose="admin_consent" registrationId={registrationId} />
      <ProblemAlert error={flow.error} />
    </WayFrame>
  );
}
