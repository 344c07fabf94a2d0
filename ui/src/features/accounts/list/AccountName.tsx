import Box from '@mui/material/Box';
import { ApartmentIcon, PersonIcon } from '../../../components/icons';
import type { Account } from '../types';

/** Who it is: name and address, with a mark of how it was allowed. */
export function AccountName({ account }: { account: Account }) {
  const Icon = account.access === 'application' ? ApartmentIcon : PersonIcon;
  const title = `Microsoft 365, ${BY[account.access]}`;
  const name = account.display_name || account.account_email;
  return (
    <Box component="span" sx={{ display: 'flex', alignItems: 'center', gap: 1.25, minWidth: 0 }}>
      <Icon titleAccess={title} sx={{ color: account.sandbox ? 'secondary.main' : 'text.secondary', fontSize: 20 }} />
      <Box component="span" sx={{ minWidth: 0, lineHeight: 1.25 }}>
        <Box component="bdi" sx={LINE}>
          {name}
        </Box>
        {name !== account.account_email && (
          <Box component="bdi" sx={{ ...LINE, fontSize: 12, fontWeight: 400, color: 'text.secondary' }}>
            {account.account_email}
          </Box>
        )}
      </Box>
    </Box>
  );
}

const BY = { delegated: 'by its owner', application: 'by its organisation', shared: 'by somebody with whom it is shared' };
const LINE = { display: 'block', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' };
