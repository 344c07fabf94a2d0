import IconButton from '@mui/material/IconButton';
import { useState } from 'react';
import { AccountCircleIcon } from '../components/shellIcons';
import { WhenOpened } from '../components/WhenOpened';
import { later } from '../lib/later';
import { useSession } from '../lib/session';

const UserChoices = later(async () => (await import('./UserChoices')).UserChoices);

export function UserMenu({ onHelp }: { onHelp: () => void }) {
  const session = useSession();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  if (session === undefined) return null;
  return (
    <>
      <IconButton aria-label={`Account menu of ${session.user.email}`} aria-haspopup="menu" onClick={(event) => setAnchor(event.currentTarget)}>
        <AccountCircleIcon />
      </IconButton>
      <WhenOpened open={anchor !== null}>
        <UserChoices anchor={anchor} onClose={() => setAnchor(null)} onHelp={onHelp} />
      </WhenOpened>
    </>
  );
}
