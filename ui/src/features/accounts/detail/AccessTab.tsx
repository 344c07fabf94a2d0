import Box from '@mui/material/Box';
import { CopyId } from '../../../components/CopyId';
import { KeyValue } from '../../../components/KeyValue';
import { TimeText } from '../../../components/TimeText';
import type { AccountDetail } from '../types';
import { PANELS, Panel } from './Panel';
import { ScopeTable } from './ScopeTable';
import { TokenEvents } from './TokenEvents';

const KINDS = {
  delegated: 'Delegated: its owner signed in',
  application: 'Application: its organisation approved the app',
  shared: 'Shared: somebody who may read it signed in. Microsoft announces nothing of it, so it is polled.',
};

/** What was granted, by whom, and how long the tokens hold. */
export function AccessTab({ account }: { account: AccountDetail }) {
  const signedIn = account.access !== 'application';
  return (
    <Box sx={PANELS}>
      <Panel title="Permissions">
        <ScopeTable account={account} />
      </Panel>
      <Panel title="Consent and tokens">
        <KeyValue
          items={[
            { label: 'Kind', value: KINDS[account.access] },
            { label: 'Connected by', value: account.connected_by ?? 'Not known' },
            { label: 'Connected', value: <TimeText at={account.connected_at} format="both" /> },
            { label: 'Last refresh', value: <TimeText at={account.last_refreshed_at} format="both" /> },
            { label: 'Access token ends', value: <TimeText at={account.token_expires_at} format="both" none="No token yet" /> },
            { label: 'Refresh token', value: signedIn ? 'Kept, sealed in the vault; it is never shown' : 'None is kept' },
            { label: 'App credential ends', value: <TimeText at={account.app_credential_expires_at} format="both" none="Nobody told when" /> },
            { label: 'App registration', value: <CopyId id={account.registration_id} label="registration ID" /> },
          ]}
        />
      </Panel>
      <Box sx={{ gridColumn: '1 / -1' }}>
        <Panel title="Token events">
          <TokenEvents tenantId={account.id} />
        </Panel>
      </Box>
    </Box>
  );
}
