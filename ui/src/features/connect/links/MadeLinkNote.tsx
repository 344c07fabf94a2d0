import Alert from '@mui/material/Alert';
import AlertTitle from '@mui/material/AlertTitle';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import type { FocusEvent } from 'react';
import { CopyButton } from '../../../components/CopyButton';
import { formatTime, useZone } from '../../../lib/time';
import type { MadeLink } from '../types';

/** The address of a new link. It is kept nowhere, so it cannot be shown again. */
export function MadeLinkNote({ link }: { link: MadeLink }) {
  const zone = useZone();
  const until = formatTime(link.expires_at, zone);
  return (
    <Alert severity="success" variant="outlined" role="status">
      <AlertTitle>The link is ready</AlertTitle>
      Copy it now: it is shown this once. It works until {until}, for one connection.
      <TextField
        label="Address of the link"
        value={link.url}
        fullWidth
        sx={{ my: 1.5 }}
        slotProps={{ htmlInput: { readOnly: true, onFocus: (event: FocusEvent<HTMLInputElement>) => event.target.select() } }}
      />
      <Stack direction="row" sx={{ flexWrap: 'wrap', gap: 1 }}>
        <CopyButton text={link.url} label="Copy the link" />
        <CopyButton text={letter(link, until)} label="Copy a message with the link" />
      </Stack>
    </Alert>
  );
}

function letter(link: MadeLink, until: string): string {
  return `Hello,\n\n${wish(link)}\n\n${link.url}\n\nThe link works once, until ${until}.\n`;
}

function wish({ purpose, mailbox }: MadeLink): string {
  if (purpose === 'admin_consent') {
    return 'please approve Flovify for your organisation. Sign in at Microsoft as a Global Administrator or Privileged Role Administrator; Microsoft shows what is asked for.';
  }
  return mailbox
    ? `please connect the shared mailbox ${mailbox} to Flovify. You sign in at Microsoft with your own account, which must have full access to it; Microsoft shows what is asked for.`
    : 'please connect your mailbox to Flovify. You sign in at Microsoft, which shows what is asked for.';
}
