import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { IconComponent } from './icon';
import type { ReactNode } from 'react';

interface Props {
  icon?: IconComponent;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

/** What an area is for, while it has nothing to show, and the one next step. */
export function EmptyState({ icon: Icon, title, children, actions }: Props) {
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', alignItems: 'center', textAlign: 'center', gap: 1, px: 2, py: 6 }}>
      {Icon && <Icon aria-hidden sx={{ fontSize: 40, color: 'text.secondary' }} />}
      <Typography sx={{ fontWeight: 600 }}>{title}</Typography>
      {children && (
        <Typography component="div" color="text.secondary" sx={{ maxWidth: 560 }}>
          {children}
        </Typography>
      )}
      {actions && <Box sx={{ display: 'flex', flexWrap: 'wrap', justifyContent: 'center', gap: 1, mt: 1 }}>{actions}</Box>}
    </Box>
  );
}
