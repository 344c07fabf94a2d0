import Link from '@mui/material/Link';
import type { ReactNode } from 'react';
import { Link as RouterLink } from 'react-router';

interface Props {
  to: string;
  tabIndex?: number | undefined;
  children: ReactNode;
}

/** The link of a row. It covers all of the row, so that a click anywhere opens it and Ctrl+click opens a tab. */
export function RowLink({ to, tabIndex, children }: Props) {
  return (
    <Link className="row-link" component={RouterLink} to={to} tabIndex={tabIndex} color="inherit" sx={COVER}>
      {children}
    </Link>
  );
}

const COVER = {
  minWidth: 0,
  fontWeight: 550,
  overflow: 'hidden',
  textOverflow: 'ellipsis',
  '&::after': { content: '""', position: 'absolute', inset: 0 },
  '&:focus-visible': { outline: 'none' },
  '&:focus-visible::after': { outline: '2px solid', outlineColor: 'primary.main', outlineOffset: -2 },
};
