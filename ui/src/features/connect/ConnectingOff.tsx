import Alert from '@mui/material/Alert';
import { WayFrame } from './WayFrame';

/** In the place of every way, while the operator lets no new account be connected. */
export function ConnectingOff() {
  return (
    <WayFrame title="Connect an account">
      <Alert severity="info">
        No new account can be connected at present: the operator has switched it off (FLOVIFY_CONNECTING=off). Accounts that are connected go on, and
        can be reconnected from their own page.
      </Alert>
    </WayFrame>
  );
}
