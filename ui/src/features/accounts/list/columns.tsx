import Chip from '@mui/material/Chip';
import Link from '@mui/material/Link';
import { Link as RouterLink } from 'react-router';
import type { TableColumn } from '../../../components/DataTable';
import { Lights } from '../../../components/Lights';
import { Sparkline } from '../../../components/Sparkline';
import { StatusChip } from '../../../components/StatusChip';
import { TimeText } from '../../../components/TimeText';
import type { Account } from '../types';
import { AccountName } from './AccountName';
import { RowMenu } from './RowMenu';

type Column = TableColumn<Account>;

/** Names of columns that can be sorted are those the service sorts by. */
export const COLUMNS: Column[] = [
  { field: 'name', headerName: 'Account', flex: 2, minWidth: 200, sortable: true, renderCell: ({ row }) => <AccountName account={row} /> },
  {
    field: 'status',
    headerName: 'Status',
    width: 180,
    sortable: true,
    sortingOrder: ['asc', null],
    renderCell: ({ row }) => <StatusChip kind="account" status={row.status} word={row.status_word} cause={causeOf(row)} />,
  },
  { field: 'lights', headerName: 'Lights', width: 110, rank: 2, renderCell: ({ row }) => <Lights lights={row.lights} /> },
  {
    field: 'organization',
    headerName: 'Organisation',
    flex: 1,
    minWidth: 130,
    rank: 4,
    valueGetter: (_, row) => row.organization_name ?? row.external_tenant_id,
  },
  { field: 'access', headerName: 'Access', width: 120, rank: 3, renderCell: ({ row }) => <AccessChip account={row} /> },
  { field: 'last_message', headerName: 'Last message', width: 150, sortable: true, rank: 1, renderCell: ({ row }) => <TimeText at={row.last_message_at} /> },
  {
    field: 'messages_24h',
    headerName: '24 hours',
    width: 125,
    rank: 3,
    renderCell: ({ row }) => <Sparkline values={row.messages_24h} label="Messages stored in the last 24 hours" />,
  },
  { field: 'dead_letters', headerName: 'Dead letters', width: 130, align: 'right', headerAlign: 'right', rank: 2, renderCell: ({ row }) => <DeadLetters account={row} /> },
  {
    field: 'expiry',
    headerName: 'Next expiry',
    width: 140,
    sortable: true,
    sortingOrder: ['asc', null],
    rank: 2,
    renderCell: ({ row }) => <TimeText at={row.next_expiry} none="None" />,
  },
  { field: 'last_refreshed', headerName: 'Last refresh', width: 130, rank: 4, renderCell: ({ row }) => <TimeText at={row.last_refreshed_at} /> },
  { field: 'connected', headerName: 'Connected', width: 130, sortable: true, rank: 4, renderCell: ({ row }) => <TimeText at={row.connected_at} /> },
  {
    field: 'actions',
    headerName: 'Actions',
    width: 90,
    hideable: false,
    disableColumnMenu: true,
    align: 'center',
    headerAlign: 'center',
    renderCell: ({ row, tabIndex }) => <RowMenu account={row} tabIndex={tabIndex} />,
  },
];

/** Why, and who must act: the two things a status alone does not say. */
function causeOf({ cause, who_must_act: who }: Account): string | null {
  if (cause === null) return null;
  return who === null ? cause : `${cause} Who must act: ${who}.`;
}

const ACCESS_WORDS = { delegated: 'Delegated', application: 'Application', shared: 'Shared mailbox' };

function AccessChip({ account }: { account: Account }) {
  if (account.sandbox) return <Chip size="small" color="secondary" variant="outlined" label="Sandbox" />;
  return ACCESS_WORDS[account.access];
}

function DeadLetters({ account }: { account: Account }) {
  if (account.dead_letters === 0) return '0';
  return (
    <Link component={RouterLink} to={`/dead-letters?account=${account.id}`} aria-label={`${account.dead_letters} dead letters of ${account.account_email}`}>
      {account.dead_letters.toLocaleString('en')}
    </Link>
  );
}
