import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import { LabelledId } from '../../../components/LabelledId';
import { formatTime, useZone } from '../../../lib/time';
import { plain } from '../../../lib/words';
import type { AccountActions } from '../actions/useAccountActions';
import type { AccountDetail } from '../types';
import { HelpButton } from './HelpButton';

interface Props {
  account: AccountDetail;
  actions: AccountActions;
}

/** Who it is, and where something is wrong: why, who must act, and what helps. */
export function AccountHeader({ account, actions }: Props) {
  const { cause, who_must_act: who } = account;
  return (
    <Box sx={{ mb: 2 }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 3, rowGap: 0.5, alignItems: 'center', mb: 1.5 }}>
        <LabelledId label="Address" id={account.account_email} />
        <LabelledId label="Account ID" id={account.id} />
        <LabelledId label="Directory (tenant) ID" id={account.external_tenant_id} />
        <LabelledId label="Object ID" id={account.external_account_id} />
        {account.sandbox && <Chip size="small" color="secondary" variant="outlined" label="Sandbox" />}
      </Box>
      {cause && (
        <Alert severity={severity(account)} variant="outlined" action={<HelpButton account={account} actions={actions} />} sx={{ bgcolor: 'background.paper', flexWrap: { xs: 'wrap', sm: 'nowrap' } }}>
          {cause}
          {who && ` Who must act: ${who}.`}
          <ReasonLine account={account} />
          <BlockedLine account={account} />
          <WaitLine account={account} />
        </Alert>
      )}
      {!cause && account.mailbox_wait && (
        <Alert severity="info" variant="outlined">
          <WaitLine account={account} />
        </Alert>
      )}
    </Box>
  );
}

function severity({ status }: AccountDetail): 'error' | 'warning' | 'info' {
  if (status === 'failing' || status === 'blocked' || status === 'consent_revoked') return 'error';
  return status === 'first_sync' || status === 'disconnecting' || status === 'connected' ? 'info' : 'warning';
}

/** Microsoft's own names of the failure, for those who look them up. */
function ReasonLine({ account: { reason } }: { account: AccountDetail }) {
  if (reason === null) return null;
  return (
    <Box sx={{ mt: 0.5, display: 'flex', flexWrap: 'wrap', columnGap: 2 }}>
      <span>
        Code: <code>{reason.aadsts ? `AADSTS${reason.aadsts}` : reason.code}</code>
      </span>
      {reason.trace_id && <LabelledId label="Trace ID" id={reason.trace_id} />}
      {reason.correlation_id && <LabelledId label="Correlation ID" id={reason.correlation_id} />}
    </Box>
  );
}

/** Since when nothing could be fetched, and the word under which the service knows why. */
function BlockedLine({ account: { blocked } }: { account: AccountDetail }) {
  const zone = useZone();
  if (!blocked) return null;
  return (
    <div>
      Blocked since {formatTime(blocked.since, zone)}: <code>{blocked.reason}</code>
    </div>
  );
}

/** Being asked to wait is no error. */
function WaitLine({ account: { mailbox_wait: wait } }: { account: AccountDetail }) {
  const zone = useZone();
  if (wait === null) return null;
  const until = formatTime(wait.until, zone);
  const text = wait.reason === 'throttled' ? `Microsoft asked us to wait until ${until}.` : `Nothing is fetched until ${until}: ${plain(wait.reason).toLowerCase()}.`;
  return <div>{text}</div>;
}
