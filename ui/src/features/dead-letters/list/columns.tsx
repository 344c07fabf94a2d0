import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import type { TableColumn } from '../../../components/DataTable';
import { PlainTime } from '../../../components/PlainTime';
import { plain } from '../../../lib/words';
import { eventTitle } from '../../events/words';
import type { DeadLetter } from '../types';

interface Known {
  accountName: (id: string) => string | undefined;
  gone: ReadonlySet<string>;
}

const CUT = { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', minWidth: 0 } as const;

export function columns({ accountName, gone }: Known): TableColumn<DeadLetter>[] {
  return [
    {
      field: 'event',
      headerName: 'Event',
      minWidth: 170,
      flex: 1,
      renderCell: ({ row }) => (gone.has(row.id) ? <s>{eventTitle(row)}</s> : eventTitle(row)),
    },
    {
      field: 'account',
      headerName: 'Account',
      minWidth: 180,
      flex: 1.2,
      rank: 1,
      valueGetter: (_value, row) => accountName(row.tenant_id) ?? 'not connected any more',
    },
    {
      field: 'reason',
      headerName: 'Cause',
      minWidth: 140,
      flex: 1,
      renderCell: ({ row }) => (gone.has(row.id) ? <Chip size="small" label="No dead letter any more" /> : plain(row.reason)),
    },
    {
      field: 'last_error',
      headerName: 'Last error',
      minWidth: 200,
      flex: 2,
      rank: 3,
      renderCell: ({ row }) => (
        <Box component="span" title={row.last_error ?? undefined} sx={CUT}>
          {row.last_error ?? 'None kept'}
        </Box>
      ),
    },
    { field: 'attempts', headerName: 'Attempts', width: 90, align: 'right', headerAlign: 'right', rank: 2 },
    {
      field: 'died_at',
      headerName: 'Given up',
      width: 140,
      rank: 2,
      renderCell: ({ row }) => <PlainTime at={row.died_at} />,
    },
  ];
}
