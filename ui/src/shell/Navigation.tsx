import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemButton from '@mui/material/ListItemButton';
import ListItemIcon from '@mui/material/ListItemIcon';
import ListItemText from '@mui/material/ListItemText';
import Typography from '@mui/material/Typography';
import { NavLink, useLocation } from 'react-router';
import { WhenOpened } from '../components/WhenOpened';
import { later } from '../lib/later';
import { useSession } from '../lib/session';
import { Logo } from './Logo';
import type { ConsolePage } from './pages';
import { ADMIN_PAGES, MAIN_PAGES, SANDBOX_PAGE } from './pages';
import { useOpenDeadLetters } from './useOpenDeadLetters';

export const NAVIGATION_WIDTH = 232;
const NavigationDrawer = later(async () => (await import('./NavigationDrawer')).NavigationDrawer);

interface Props {
  /** On narrow screens the navigation is a drawer. */
  open: boolean;
  onClose: () => void;
}

export function Navigation({ open, onClose }: Props) {
  const paper = { width: NAVIGATION_WIDTH, borderRight: 1, borderColor: 'divider' };
  return (
    <>
      <WhenOpened open={open}>
        <NavigationDrawer open={open} onClose={onClose} paper={paper}>
          <Links onFollow={onClose} />
        </NavigationDrawer>
      </WhenOpened>
      <Box sx={{ ...paper, display: { xs: 'none', md: 'block' }, bgcolor: 'background.paper', flexShrink: 0, overflowY: 'auto', position: 'sticky', top: 0, height: '100dvh' }}>
        <Links />
      </Box>
    </>
  );
}

function Links({ onFollow }: { onFollow?: () => void }) {
  const sandbox = useSession()?.sandbox ?? false;
  return (
    <Box component="nav" aria-label="Main" onClick={onFollow}>
      <Logo />
      <List dense sx={{ px: 1 }}>
        {MAIN_PAGES.map((page) => (
          <Entry key={page.to} page={page} />
        ))}
      </List>
      <Heading />
      <List dense sx={{ px: 1, pt: 0 }} aria-labelledby="navigation-admin">
        {ADMIN_PAGES.map((page) => (
          <Entry key={page.to} page={page} />
        ))}
        {sandbox && <Entry page={SANDBOX_PAGE} />}
      </List>
    </Box>
  );
}

function Heading() {
  return (
    <Typography id="navigation-admin" component="div" color="text.secondary" sx={{ px: 3, lineHeight: '32px', fontSize: 12, fontWeight: 500 }}>
      Admin
    </Typography>
  );
}

function Entry({ page }: { page: ConsolePage }) {
  const { pathname } = useLocation();
  const here = page.to === '/' ? pathname === '/' : pathname.startsWith(page.to);
  const Icon = page.icon;
  return (
    <ListItem disablePadding sx={{ mb: 0.25 }}>
      <ListItemButton component={NavLink} to={page.to} end={page.to === '/'} selected={here} sx={{ borderRadius: 1, gap: 1.5, minHeight: 40 }}>
        <ListItemIcon sx={{ minWidth: 0, color: here ? 'primary.main' : 'text.secondary' }}>
          <Icon fontSize="small" />
        </ListItemIcon>
        <ListItemText primary={page.label} slotProps={{ primary: { sx: { fontSize: 14, fontWeight: here ? 650 : 500 } } }} />
        {page.count === 'dead_letters' && <OpenDeadLetters />}
      </ListItemButton>
    </ListItem>
  );
}

function OpenDeadLetters() {
  const count = useOpenDeadLetters();
  if (count === undefined || count === 0) return null;
  return <Chip size="small" color="error" variant="outlined" label={count.toLocaleString('en')} aria-label={`${count} open`} />;
}
