import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import { CopyId } from '../../components/CopyId';
import { Section } from './Section';
import type { SandboxState } from './types';

/** Whom mail can be written to here, and by which ways. */
export function Mailboxes({ sandbox: { mailboxes, smtp } }: { sandbox: SandboxState }) {
  return (
    <Section title="Mailboxes">
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {mailboxes.map((mailbox) => (
          <Box component="li" key={mailbox.address} sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1, py: 0.5 }}>
            <Box sx={{ flex: 1, minWidth: 160, overflowWrap: 'anywhere' }}>
              <bdi>{mailbox.display_name}</bdi>
              <Box>
                <CopyId id={mailbox.address} label="address" full />
              </Box>
            </Box>
            {mailbox.tenant_id === null ? (
              <Button component={Link} to="/admin/tenants?connect=1" size="small" variant="outlined">
                Connect
              </Button>
            ) : (
              <Button component={Link} to={`/admin/tenants/${mailbox.tenant_id}`} size="small">
                Connected - open
              </Button>
            )}
          </Box>
        ))}
      </Box>
      {smtp && (
        <Typography variant="body2" color="text.secondary" sx={{ mt: 1 }}>
          Any mail program can send here too: SMTP{' '}
          <code>
            {smtp.host}:{smtp.port}
          </code>
          , without a password.
        </Typography>
      )}
    </Section>
  );
}
