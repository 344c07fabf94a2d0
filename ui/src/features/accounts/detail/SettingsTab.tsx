import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { Link as RouterLink } from 'react-router';
import { CopyId } from '../../../components/CopyId';
import { KeyValue } from '../../../components/KeyValue';
import type { AccountDetail } from '../types';
import { WhatHappens } from '../actions/WhatHappens';
import { PANELS, Panel } from './Panel';

const CLOUDS: Record<string, string> = { global: 'Global', usgov: 'GCC High', dod: 'DoD', china: '21Vianet (China)' };

/** What decides how this account is served, and where each of it comes from. */
export function SettingsTab({ account }: { account: AccountDetail }) {
  return (
    <Box sx={PANELS}>
      <Panel title="How it is served">
        <KeyValue
          items={[
            { label: 'Provider', value: account.sandbox ? 'Microsoft 365, played by the sandbox' : 'Microsoft 365' },
            { label: 'Cloud', value: `${CLOUDS[account.cloud] ?? account.cloud} (from the app registration)` },
            { label: 'Organisation', value: account.organization_name ?? 'Name not known' },
            { label: 'Directory (tenant) ID', value: <CopyId id={account.external_tenant_id} label="directory ID" full /> },
            {
              label: 'App registration',
              value: (
                <>
                  <CopyId id={account.registration_id} label="registration ID" /> <Link component={RouterLink} to="/settings/registrations">App registrations</Link>
                </>
              ),
            },
            { label: 'Watched', value: account.subscriptions === 1 ? '1 subscription' : `${account.subscriptions} subscriptions` },
          ]}
        />
      </Panel>
      <Panel title="When it is disconnected">
        <WhatHappens account={account} />
        <Typography variant="body2" color="text.secondary" sx={{ mt: 1 }}>
          Mail that is stored here is kept, unless you choose to delete it. Press Disconnect above.
        </Typography>
      </Panel>
    </Box>
  );
}
