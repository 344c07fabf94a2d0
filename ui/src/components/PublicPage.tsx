import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  width?: number;
  children: ReactNode;
}

/** A page for those who are not signed in: one card under the name of the product. */
export function PublicPage({ title, width = 440, children }: Props) {
  return (
    <Box component="main" sx={{ minHeight: '100dvh', display: 'flex', flexDirection: 'column', alignItems: 'center', px: 2, py: { xs: 4, sm: 8 } }}>
      <title>{`${title} - Flovify`}</title>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.25, mb: 3, fontWeight: 700, fontSize: 20 }}>
        <img src="/icon.svg" alt="" width={32} height={32} />
        Flovify
      </Box>
      <Card sx={{ width: '100%', maxWidth: width, p: { xs: 2.5, sm: 4 } }}>
        <Typography component="h1" variant="h1" sx={{ mb: 2 }}>
          {title}
        </Typography>
        {children}
      </Card>
    </Box>
  );
}
