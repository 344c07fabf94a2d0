import Box from '@mui/material/Box';
import { ApartmentIcon, PersonIcon } from '../../../components/icons';
import type { Account } from '../types';

/** Who it is: name and address, with a mark of how it was allowed. */
export function AccountName({ account }: { account: Account }) {
  const Icon = account.access === 'delegated' ? PersonIcon : ApartmentIcon;
  const title = account.access === 'delegated' ? 'Microsoft 365, by its owner' : 'Microsoft 365, by its organisation';
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

const LINE = { display: 'block', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' };
