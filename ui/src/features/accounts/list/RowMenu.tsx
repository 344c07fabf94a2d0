import IconButton from '@mui/material/IconButton';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import ListItemText from '@mui/material/ListItemText';
import { useState } from 'react';
import { MoreVertIcon } from '../../../components/icons';
import { roleWord, useRole } from '../../../lib/role';
import { ACTIONS } from '../actions/kinds';
import { useActionsOf } from '../actions/actionsContext';
import type { Account } from '../types';

interface Props {
  account: Account;
  tabIndex: number;
}

/** The actions of one row. */
export function RowMenu({ account, tabIndex }: Props) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const { atLeast } = useRole();
  const actions = useActionsOf();
  const close = () => setAnchor(null);
  return (
    <>
      <IconButton
        size="small"
        tabIndex={tabIndex}
        aria-label={`Actions for ${account.account_email}`}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        loading={actions.busy?.id === account.id}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <MoreVertIcon />
      </IconButton>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={close}>
        {ACTIONS.map(({ kind, label, role }) => (
          <MenuItem
            key={kind}
            disabled={!atLeast(role)}
            onClick={() => {
              close();
              actions.start(kind, account);
            }}
          >
            <ListItemText primary={label} secondary={atLeast(role) ? undefined : `Needs ${roleWord(role)}`} />
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
