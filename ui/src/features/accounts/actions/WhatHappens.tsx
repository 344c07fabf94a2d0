import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import type { Acting } from './kinds';

// The older portal serves the clouds whose Entra admin center has an address of its own.
const PORTALS: Record<string, string> = {
  global: 'https://entra.microsoft.com',
  usgov: 'https://portal.azure.us',
  dod: 'https://portal.azure.us',
  china: 'https://portal.azure.cn',
};
const ENTERPRISE_APPS = '#view/Microsoft_AAD_IAM/StartboardApplicationsMenuBlade';

/** What disconnecting does at Microsoft and here. */
export function WhatHappens({ account }: { account: Acting }) {
  const portal = PORTALS[account.cloud];
  return (
    <Box component="ul" sx={{ pl: 2.5, my: 0, '& li': { mb: 0.5 } }}>
      <li>Its subscriptions are removed at Microsoft: nothing new arrives.</li>
      <li>Its tokens are destroyed here. Connecting it again needs a new sign-in or approval.</li>
      <li>
        The permission itself stays at Microsoft until somebody removes the app there
        {account.sandbox || portal === undefined ? '.' : (
          <>
            : <Link href={`${portal}/${ENTERPRISE_APPS}`} target="_blank" rel="noopener noreferrer">Enterprise applications in Entra (new tab)</Link>
          </>
        )}
      </li>
    </Box>
  );
}
