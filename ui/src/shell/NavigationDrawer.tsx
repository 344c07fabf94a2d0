import Drawer from '@mui/material/Drawer';
import type { ReactNode } from 'react';

interface Props {
  open: boolean;
  onClose: () => void;
  /** Its width and border. */
  paper: object;
  children: ReactNode;
}

/** The navigation of narrow screens. */
export function NavigationDrawer({ open, onClose, paper, children }: Props) {
  return (
    <Drawer variant="temporary" open={open} onClose={onClose} slotProps={{ paper: { sx: paper } }} sx={{ display: { xs: 'block', md: 'none' } }}>
      {children}
    </Drawer>
  );
}
