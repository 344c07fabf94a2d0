import { Link } from 'react-router';
import MuiLink from '@mui/material/Link';
import { KeyValue } from '../../../components/KeyValue';
import { Panel } from '../../accounts/detail/Panel';
import type { AuthSystem } from '../types';
import { serviceFacts } from './serviceFacts';

export function AuthPart({ system }: { system: AuthSystem }) {
  const { registrations_expiring: expiring } = system;
  return (
    <Panel title="Auth service">
      <KeyValue
        items={[
          ...serviceFacts(system),
          {
            label: 'Credentials that end soon',
            value: expiring === 0 ? 'None' : <MuiLink component={Link} to="/settings/registrations">{expiring} of the app registrations</MuiLink>,
          },
        ]}
      />
    </Panel>
  );
}
