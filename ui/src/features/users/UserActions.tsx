import IconButton from '@mui/material/IconButton';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import { useState } from 'react';
import { MoreVertIcon } from '../../components/icons';
import type { User } from './types';

export type UserAction = 'role' | 'disable' | 'enable' | 'link' | 'delete';

interface Props {
  user: User;
  /** Nobody changes themselves. */
  own: boolean;
  onAsk: (action: UserAction) => void;
}

export function UserActions({ user, own, onAsk }: Props) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const ask = (action: UserAction) => () => {
    setAnchor(null);
    onAsk(action);
  };
  return (
    <>
      <IconButton size="small" aria-label={`Actions for ${user.email}`} aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)}>
        <MoreVertIcon fontSize="small" />
      </IconButton>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        <MenuItem onClick={ask('role')} disabled={own}>Change role</MenuItem>
        <MenuItem onClick={ask('link')}>New invitation link</MenuItem>
        {user.disabled_at === null ? (
          <MenuItem onClick={ask('disable')} disabled={own}>Disable</MenuItem>
        ) : (
          <MenuItem onClick={ask('enable')}>Enable</MenuItem>
        )}
        <MenuItem onClick={ask('delete')} disabled={own}>Delete</MenuItem>
      </Menu>
    </>
  );
}
