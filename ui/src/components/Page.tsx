import Box from '@mui/material/Box';
import MuiLink from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

interface Props {
  title: string;
  /** What stands in the browser's title when the heading is more than text, such as "Dead letters (7)". */
  documentTitle?: string | undefined;
  /** Beside the heading, such as a status. */
  beside?: ReactNode;
  subtitle?: ReactNode;
  breadcrumbs?: { to: string; label: string }[];
  actions?: ReactNode;
  /** Use the whole width and height, as the message reader does. */
  full?: boolean;
  children: ReactNode;
}

/** A page of the console: its title in the browser, its heading, its actions, its content. */
export function Page({ title, documentTitle, beside, subtitle, breadcrumbs, actions, full = false, children }: Props) {
  return (
    <Box sx={full ? FULL : USUAL}>
      <title>{`${documentTitle ?? title} - Flovify`}</title>
      {breadcrumbs && <Trail items={breadcrumbs} here={title} />}
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1.5, mb: subtitle ? 0.5 : 2 }}>
        <Typography component="h1" variant="h1" sx={{ overflowWrap: 'anywhere', minWidth: 0 }}>
          {title}
        </Typography>
        {beside}
        <Box sx={{ flex: 1 }} />
        {actions && <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>{actions}</Box>}
      </Box>
      {subtitle && (
        <Typography color="text.secondary" component="div" sx={{ mb: 2 }}>
          {subtitle}
        </Typography>
      )}
      {children}
    </Box>
  );
}

const USUAL = { p: { xs: 2, md: 3 }, maxWidth: 1600, mx: 'auto', width: '100%' };
const FULL = { p: { xs: 2, md: 3 }, pb: { xs: 1, md: 1 }, display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0, width: '100%' };

function Trail({ items, here }: { items: { to: string; label: string }[]; here: string }) {
  return (
    <Box component="nav" aria-label="You are here" sx={{ mb: 1 }}>
      <Box component="ol" sx={TRAIL}>
        {items.map((item) => (
          <li key={item.to}>
            <MuiLink component={Link} to={item.to}>
              {item.label}
            </MuiLink>
          </li>
        ))}
        <Box component="li" sx={{ color: 'text.secondary', overflowWrap: 'anywhere', minWidth: 0 }}>
          {here}
        </Box>
      </Box>
    </Box>
  );
}

const TRAIL = {
  display: 'flex',
  flexWrap: 'wrap',
  m: 0,
  p: 0,
  fontSize: 13,
  listStyle: 'none',
  // The stroke between two places is not read out.
  '& > li + li::before': { content: '"/" / ""', mx: 1, color: 'text.secondary' },
};
