import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { Link as RouterLink } from 'react-router';
import { PlainTime } from '../../components/PlainTime';
import type { Event } from './types';
import { EventChip } from './EventChip';
import { eventTitle } from './words';

interface Props {
  events: Event[];
  openId: string;
  hrefOf: (id: string) => string;
}

const WIDE_ONLY = { display: { xs: 'none', md: 'table-cell' } } as const;

/** The log itself; every row's first cell is the link that opens it. */
export function EventsTable({ events, openId, hrefOf }: Props) {
  return (
    <Table size="small" stickyHeader aria-label="Events">
      <TableHead>
        <TableRow>
          <TableCell>Event</TableCell>
          <TableCell>Received</TableCell>
          <TableCell sx={WIDE_ONLY}>Account</TableCell>
          <TableCell>State</TableCell>
          <TableCell sx={WIDE_ONLY} align="right">
            Attempts
          </TableCell>
          <TableCell sx={WIDE_ONLY}>Correlation id</TableCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {events.map((event) => (
          <EventRow key={event.id} event={event} open={event.id === openId} href={hrefOf(event.id)} />
        ))}
      </TableBody>
    </Table>
  );
}

function EventRow({ event, open, href }: { event: Event; open: boolean; href: string }) {
  return (
    <TableRow hover selected={open} sx={{ position: 'relative' }}>
      <TableCell>
        {/* The link covers its row, so that a click anywhere opens it and Ctrl+click opens a window. */}
        <Link component={RouterLink} to={href} underline="hover" sx={{ '&::after': { content: '""', position: 'absolute', inset: 0 } }}>
          {eventTitle(event)}
        </Link>
      </TableCell>
      <TableCell sx={{ whiteSpace: 'nowrap' }}>
        <PlainTime at={event.received_at} />
      </TableCell>
      <TableCell sx={WIDE_ONLY}>
        <Box sx={{ maxWidth: 260, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
          <bdi>{event.account_email ?? 'not connected any more'}</bdi>
        </Box>
      </TableCell>
      <TableCell>
        <EventChip event={event} />
      </TableCell>
      <TableCell sx={WIDE_ONLY} align="right">
        {event.attempts}
      </TableCell>
      <TableCell sx={{ ...WIDE_ONLY, fontFamily: 'monospace' }}>{event.correlation_id.slice(0, 8)}</TableCell>
    </TableRow>
  );
}
