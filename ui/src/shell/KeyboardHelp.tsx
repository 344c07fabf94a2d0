import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import FormControlLabel from '@mui/material/FormControlLabel';
import Switch from '@mui/material/Switch';
import Typography from '@mui/material/Typography';
import { useSession } from '../lib/session';
import { usePreference } from '../lib/preferences';
import { ALL_PAGES, SANDBOX_PAGE } from './pages';

const IN_LISTS: [string, string][] = [
  ['j  k', 'Next and previous row'],
  ['Enter', 'Open the row'],
  ['x', 'Select the row'],
  ['r', 'Replay or retry'],
  ['/', 'Search'],
  ['Esc', 'Close'],
];

/** What can be done by keyboard. Single keys can be switched off, for those who dictate (WCAG 2.1.4). */
export function KeyboardHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const sandbox = useSession()?.sandbox ?? false;
  const [shortcuts, setShortcuts] = usePreference('shortcuts');
  const pages = sandbox ? [...ALL_PAGES, SANDBOX_PAGE] : ALL_PAGES;
  const going: [string, string][] = pages.map((page) => [`g ${page.key}`, page.label]);
  return (
    <Dialog open={open} onClose={onClose} maxWidth="sm" fullWidth aria-labelledby="keyboard-help">
      <DialogTitle id="keyboard-help">Keyboard shortcuts</DialogTitle>
      <DialogContent>
        <Box sx={{ display: 'grid', gridTemplateColumns: { sm: '1fr 1fr' }, gap: 3 }}>
          <Keys title="Go to" keys={going} />
          <Keys title="Everywhere" keys={[['Ctrl K', 'Search everything'], ['?', 'This help'], ...IN_LISTS]} />
        </Box>
        <FormControlLabel
          sx={{ mt: 2 }}
          control={<Switch checked={shortcuts === 'on'} onChange={(_, on) => setShortcuts(on ? 'on' : 'off')} />}
          label="Single-key shortcuts"
        />
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}

function Keys({ title, keys }: { title: string; keys: [string, string][] }) {
  return (
    <Box>
      <Typography component="h3" variant="h3" sx={{ mb: 1 }}>
        {title}
      </Typography>
      <Box component="dl" sx={{ m: 0, display: 'grid', gridTemplateColumns: '72px 1fr', rowGap: 0.75 }}>
        {keys.map(([key, effect]) => (
          <Box key={key} sx={{ display: 'contents' }}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <Box component="dd" sx={{ m: 0 }}>
              {effect}
            </Box>
          </Box>
        ))}
      </Box>
    </Box>
  );
}
