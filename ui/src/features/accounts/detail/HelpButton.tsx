import Button from '@mui/material/Button';
import { Link } from 'react-router';
import { Needs } from '../../../lib/role';
import type { AccountActions } from '../actions/useAccountActions';
import type { AccountDetail } from '../types';

interface Props {
  account: AccountDetail;
  actions: AccountActions;
}

/** The one step that helps, as the service names it. */
export function HelpButton({ account, actions }: Props) {
  const { action } = account;
  if (action === null || action.kind === 'none') return null;
  const { kind, label } = action;
  if (kind === 'reconnect' || kind === 'test') {
    return (
      <Needs role={kind === 'test' ? 'operator' : 'administrator'}>
        <Button color="inherit" variant="outlined" size="small" onClick={() => actions.start(kind, account)}>
          {label}
        </Button>
      </Needs>
    );
  }
  const to = {
    consent: `?connect=consent&registration=${account.registration_id ?? ''}`,
    renew: `/admin/tenants/${account.id}/subscriptions`,
    open_settings: '/settings/registrations',
  }[kind];
  return (
    <Button component={Link} to={to} color="inherit" variant="outlined" size="small" sx={{ whiteSpace: 'nowrap' }}>
      {label}
    </Button>
  );
}
