import Button from '@mui/material/Button';
import { Needs } from '../../../lib/role';
import type { AccountActions } from '../actions/useAccountActions';
import { ACTIONS } from '../actions/kinds';
import type { AccountDetail } from '../types';

/** What can be done with the account; what somebody may not do is shown, and says which role it needs. */
export function AccountToolbar({ account, actions }: { account: AccountDetail; actions: AccountActions }) {
  return ACTIONS.map(({ kind, label, role }) => (
    <Needs key={kind} role={role}>
      <Button
        variant="outlined"
        size="small"
        color={kind === 'disconnect' ? 'error' : 'primary'}
        loading={actions.busy?.kind === kind}
        onClick={() => actions.start(kind, account)}
      >
        {label}
      </Button>
    </Needs>
  ));
}
