import Card from '@mui/material/Card';
import CardContent from '@mui/material/CardContent';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';

/** A part of the panel, with the sandbox's violet edge. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card component="section" variant="outlined" aria-label={title} sx={{ borderLeft: 4, borderLeftColor: 'secondary.main', minWidth: 0 }}>
      <CardContent>
        <Typography variant="h2" gutterBottom>
          {title}
        </Typography>
        {children}
      </CardContent>
    </Card>
  );
}
