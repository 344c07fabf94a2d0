import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import { Link } from 'react-router';
import { ScienceIcon } from '../components/shellIcons';
import { useSession } from '../lib/session';

/** Violet wherever the sandbox is meant; not there at all without it. */
export function SandboxButton() {
  const session = useSession();
  if (!session?.sandbox) return null;
  return (
    <>
      <Button component={Link} to="/sandbox" size="small" color="secondary" variant="outlined" startIcon={<ScienceIcon />} sx={{ display: { xs: 'none', md: 'inline-flex' } }}>
        Sandbox
      </Button>
      <IconButton component={Link} to="/sandbox" color="secondary" aria-label="Sandbox" sx={{ display: { md: 'none' } }}>
        <ScienceIcon />
      </IconButton>
    </>
  );
}
