import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useState } from 'react';
import { Needs } from '../../../lib/role';
import type { Subscription } from '../types';
import { RenewButton } from './RenewButton';
import { RecreateDialog } from './SubscriptionActions';

/** What can be done with a subscription where it stands among others. */
export function LineActions({ subscription }: { subscription: Subscription }) {
  const [recreates, setRecreates] = useState(false);
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mt: 1.5 }}>
      <RenewButton subscription={subscription} />
      <Needs role="operator">
        <Button variant="outlined" onClick={() => setRecreates(true)}>
          Recreate
        </Button>
      </Needs>
      {recreates && <RecreateDialog subscription={subscription} onClose={() => setRecreates(false)} />}
    </Box>
  );
}
