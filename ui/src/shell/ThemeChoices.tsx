import ListItemIcon from '@mui/material/ListItemIcon';
import ListItemText from '@mui/material/ListItemText';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import { useColorScheme } from '@mui/material/styles';
import { currentMode, MODES } from './themeModes';

export function ThemeChoices({ anchor, onClose }: { anchor: HTMLElement | null; onClose: () => void }) {
  const { mode, setMode } = useColorScheme();
  const current = currentMode(mode);
  return (
    <Menu open={anchor !== null} anchorEl={anchor} onClose={onClose}>
      {MODES.map(({ mode: name, label, icon: Icon }) => (
        <MenuItem
          key={name}
          selected={name === current.mode}
          onClick={() => {
            setMode(name);
            onClose();
          }}
        >
          <ListItemIcon>
            <Icon fontSize="small" />
          </ListItemIcon>
          <ListItemText>{label}</ListItemText>
        </MenuItem>
      ))}
    </Menu>
  );
}
