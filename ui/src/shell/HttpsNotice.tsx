import Alert from '@mui/material/Alert';
import { useState } from 'react';

/** Plain http to another machine: what is typed can be read on the way, and the browser withholds some comforts. */
export function HttpsNotice() {
  const [seen, setSeen] = useState(false);
  if (window.isSecureContext || seen) return null;
  return (
    <Alert severity="warning" onClose={() => setSeen(true)} sx={{ borderRadius: 0 }}>
      This page does not use HTTPS: others on the network can read what you see and type. The browser also withholds live
      updates (the page asks every 15 seconds instead). Put Flovify behind HTTPS and set PUBLIC_URL to its address.
    </Alert>
  );
}
