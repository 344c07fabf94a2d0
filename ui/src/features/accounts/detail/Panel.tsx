import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import CardContent from '@mui/material/CardContent';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  /** At the right of the heading, such as a link to more. */
  more?: ReactNode;
  children: ReactNode;
}

/** A part of a page of details. */
export function Panel({ title, more, children }: Props) {
  return (
    <Card component="section" aria-label={title} sx={{ minWidth: 0 }}>
      <CardContent>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', gap: 1, mb: 1 }}>
          <Typography variant="h2" component="h2" sx={{ flex: 1 }}>
            {title}
          </Typography>
          {more}
        </Box>
        {children}
      </CardContent>
    </Card>
  );
}

/** Panels side by side where there is room. */
export const PANELS = { display: 'grid', gap: 2, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' }, alignItems: 'start' };
