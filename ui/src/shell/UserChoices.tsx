import Box from '@mui/material/Box';
import Divider from '@mui/material/Divider';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import { usePreference } from '../lib/preferences';
import { roleWord } from '../lib/role';
import { useSession } from '../lib/session';
import { zoneName } from '../lib/time';
import { useSignOut } from './useSignOut';

interface Props {
  anchor: HTMLElement | null;
  onClose: () => void;
  onHelp: () => void;
}

/** Who is signed in, and what they chose for themselves. */
export function UserChoices({ anchor, onClose, onHelp }: Props) {
  const session = useSession();
  if (session === undefined) return null;
  return (
    <Menu open={anchor !== null} anchorEl={anchor} onClose={onClose}>
      <Who email={session.user.email} role={roleWord(session.user.role)} version={session.version} />
      <Divider component="li" />
      <ZoneItem />
      <ShortcutsItem />
      <MenuItem
        onClick={() => {
          onClose();
          onHelp();
        }}
      >
        Keyboard shortcuts
      </MenuItem>
      <MenuItem component={Link} to="/settings/sessions" onClick={onClose}>
        Password and sessions
      </MenuItem>
      <Divider component="li" />
      <SignOutItem />
    </Menu>
  );
}

function Who({ email, role, version }: { email: string; role: string; version: string }) {
  return (
    <Box component="li" role="none" sx={{ px: 2, py: 1, maxWidth: 320 }}>
      <Typography sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{email}</Typography>
      <Typography variant="caption" color="text.secondary">
        {role} · Flovify {version}
      </Typography>
    </Box>
  );
}

function ZoneItem() {
  const [zone, setZone] = usePreference('zone');
  const other = zone === 'utc' ? 'local' : 'utc';
  return <MenuItem onClick={() => setZone(other)}>{`Times in ${zoneName(zone)} (change to ${zoneName(other)})`}</MenuItem>;
}

function ShortcutsItem() {
  const [shortcuts, setShortcuts] = usePreference('shortcuts');
  const on = shortcuts === 'on';
  return <MenuItem onClick={() => setShortcuts(on ? 'off' : 'on')}>{on ? 'Switch single-key shortcuts off' : 'Switch single-key shortcuts on'}</MenuItem>;
}

function SignOutItem() {
  const signOut = useSignOut();
  return (
    <MenuItem onClick={() => signOut.mutate()} disabled={signOut.isPending}>
      Sign out
    </MenuItem>
  );
}
