import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import IconButton from '@mui/material/IconButton';
import { MenuIcon, SearchIcon } from '../components/shellIcons';
import { useSession } from '../lib/session';
import { LiveDot } from './LiveDot';
import { SandboxButton } from './SandboxButton';
import { ThemeMenu } from './ThemeMenu';
import { UserMenu } from './UserMenu';

interface Props {
  onMenu: () => void;
  onSearch: () => void;
  onHelp: () => void;
}

export function TopBar({ onMenu, onSearch, onHelp }: Props) {
  return (
    <Box component="header" sx={BAR}>
      <IconButton aria-label="Open the navigation" onClick={onMenu} sx={{ display: { md: 'none' } }}>
        <MenuIcon />
      </IconButton>
      <SearchButton onSearch={onSearch} />
      <Box sx={{ flex: 1 }} />
      <EnvironmentTag />
      <SandboxButton />
      <LiveDot />
      <ThemeMenu />
      <UserMenu onHelp={onHelp} />
    </Box>
  );
}

const BAR = {
  position: 'sticky',
  top: 0,
  zIndex: 'appBar',
  display: 'flex',
  alignItems: 'center',
  gap: { xs: 0.25, sm: 1 },
  height: 56,
  flexShrink: 0,
  px: { xs: 1, md: 3 },
  bgcolor: 'background.paper',
  borderBottom: 1,
  borderColor: 'divider',
};

function SearchButton({ onSearch }: { onSearch: () => void }) {
  return (
    <>
      <Button
        variant="outlined"
        color="inherit"
        startIcon={<SearchIcon />}
        onClick={onSearch}
        sx={{ display: { xs: 'none', sm: 'inline-flex' }, width: 300, justifyContent: 'flex-start', color: 'text.secondary', borderColor: 'divider', fontWeight: 500 }}
      >
        Search everything
        <Box component="kbd" aria-hidden sx={{ ml: 'auto', fontSize: 12 }}>
          Ctrl K
        </Box>
      </Button>
      <IconButton aria-label="Search everything" onClick={onSearch} sx={{ display: { sm: 'none' } }}>
        <SearchIcon />
      </IconButton>
    </>
  );
}

function EnvironmentTag() {
  const session = useSession();
  if (session?.environment !== 'development') return null;
  return <Chip size="small" variant="outlined" label="Development" sx={{ display: { xs: 'none', lg: 'inline-flex' } }} />;
}
