import IconButton from '@mui/material/IconButton';
import { useColorScheme } from '@mui/material/styles';
import { useState } from 'react';
import { WhenOpened } from '../components/WhenOpened';
import { later } from '../lib/later';
import { currentMode } from './themeModes';

const ThemeChoices = later(async () => (await import('./ThemeChoices')).ThemeChoices);

export function ThemeMenu() {
  const { mode } = useColorScheme();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const { label, icon: Icon } = currentMode(mode);
  return (
    <>
      <IconButton aria-label={`Theme: ${label}`} aria-haspopup="menu" onClick={(event) => setAnchor(event.currentTarget)}>
        <Icon fontSize="small" />
      </IconButton>
      <WhenOpened open={anchor !== null}>
        <ThemeChoices anchor={anchor} onClose={() => setAnchor(null)} />
      </WhenOpened>
    </>
  );
}
