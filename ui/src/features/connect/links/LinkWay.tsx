import Divider from '@mui/material/Divider';
import FormControl from '@mui/material/FormControl';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormLabel from '@mui/material/FormLabel';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { useConnect } from '../connectContext';
import { RegistrationField } from '../FlowOptions';
import { WayFrame } from '../WayFrame';
import { LinkList } from './LinkList';
import { MakeLink } from './MakeLink';

type Choice = 'mailbox' | 'shared' | 'admin_consent';

/** Links for people without an account here: make, copy, watch, withdraw. */
export function LinkWay() {
  const { go, registration } = useConnect();
  const [chosen, setChosen] = useState<Choice>('mailbox');
  const [registrationId, setRegistrationId] = useState(registration);
  return (
    <WayFrame title="A link for somebody else" onBack={() => go('choose')}>
      <Typography>
        Whoever opens the link signs in at Microsoft and learns nothing of this installation but how it ended. The link is
        used up by the connection it made; until then it may be opened again.
      </Typography>
      <FormControl>
        <FormLabel id="link-purpose">What is it for?</FormLabel>
        <RadioGroup aria-labelledby="link-purpose" value={chosen} onChange={(_, now) => setChosen(now as Choice)}>
          <FormControlLabel value="mailbox" control={<Radio />} label="The owner of a mailbox connects it" />
          <FormControlLabel value="shared" control={<Radio />} label="Somebody who may read a shared mailbox connects it" />
          <FormControlLabel value="admin_consent" control={<Radio />} label="An administrator approves the app for an organisation" />
        </RadioGroup>
      </FormControl>
      <RegistrationField value={registrationId} onChange={setRegistrationId} />
      <MakeLink
        key={chosen}
        purpose={chosen === 'admin_consent' ? 'admin_consent' : 'mailbox'}
        shared={chosen === 'shared'}
        registrationId={registrationId}
      />
      <Divider />
      <LinkList />
    </WayFrame>
  );
}
