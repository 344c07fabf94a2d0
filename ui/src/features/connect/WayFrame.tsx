import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import IconButton from '@mui/material/IconButton';
import Stack from '@mui/material/Stack';
import type { ReactNode } from 'react';
import { ArrowBackIcon, CloseIcon } from '../../components/icons';
import { useConnect } from './connectContext';

interface Props {
  title: string;
  /** Where the arrow leads; without it there is none. */
  onBack?: () => void;
  actions?: ReactNode;
  children: ReactNode;
}

/** The inside of the dialog: heading, content, and what can be done. */
export function WayFrame({ title, onBack, actions, children }: Props) {
  const { close, titleId } = useConnect();
  return (
    <>
      <Stack direction="row" sx={{ alignItems: 'center', pl: onBack ? 1.5 : 3, pr: 1.5, pt: 1.5 }}>
        {onBack && (
          <IconButton aria-label="Back" onClick={onBack}>
            <ArrowBackIcon />
          </IconButton>
        )}
        <DialogTitle id={titleId} component="h2" sx={{ flex: 1, px: onBack ? 1 : 0, py: 1 }}>
          {title}
        </DialogTitle>
        <IconButton aria-label="Close" onClick={close}>
          <CloseIcon />
        </IconButton>
      </Stack>
      <DialogContent>
        <Stack spacing={2.5}>{children}</Stack>
      </DialogContent>
      {actions && <DialogActions sx={{ px: 3, py: 2, flexWrap: 'wrap', gap: 1 }}>{actions}</DialogActions>}
    </>
  );
}
