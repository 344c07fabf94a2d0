import Box from '@mui/material/Box';
import { LifetimeBar } from '../../../components/LifetimeBar';
import type { TableColumn } from '../../../components/DataTable';
import { StatusChip } from '../../../components/StatusChip';
import { TimeText } from '../../../components/TimeText';
import type { Subscription } from '../types';
import { happened, ownerOf, resourceWord } from '../words';

export const COLUMNS: TableColumn<Subscription>[] = [
  { field: 'account', headerName: 'Account', flex: 1.5, minWidth: 170, renderCell: ({ row }) => <bdi>{ownerOf(row)}</bdi> },
  {
    field: 'resource',
    headerName: 'Resource',
    flex: 1,
    minWidth: 110,
    rank: 1,
    renderCell: ({ row }) => (
      <Box component="span" title={row.resource} sx={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>
        {resourceWord(row.resource)}
      </Box>
    ),
  },
  { field: 'change_types', headerName: 'Changes', width: 200, rank: 4, valueGetter: (_, row) => row.change_types.join(', ') },
  {
    field: 'state_word',
    headerName: 'Status',
    width: 200,
    renderCell: ({ row }) => <StatusChip kind="subscription" status={row.state_word} cause={row.last_error} />,
  },
  { field: 'lifetime', headerName: 'Lifetime', flex: 1.5, minWidth: 170, rank: 2, renderCell: ({ row }) => <LifetimeBar subscription={row} /> },
  { field: 'last_notification_at', headerName: 'Last notification', width: 140, rank: 2, renderCell: ({ row }) => <TimeText at={row.last_notification_at} /> },
  { field: 'renewals', headerName: 'Renewals', width: 90, align: 'right', headerAlign: 'right', rank: 3 },
  {
    field: 'last_lifecycle',
    headerName: 'Last lifecycle event',
    width: 200,
    rank: 4,
    renderCell: ({ row }) => row.last_lifecycle === null ? 'None' : <span title={happened(row.last_lifecycle.kind)}>{row.last_lifecycle.kind}&ensp;<TimeText at={row.last_lifecycle.at} /></span>,
  },
];
