import Box from '@mui/material/Box';
import TableCell from '@mui/material/TableCell';
import TableRow from '@mui/material/TableRow';
import { useRef } from 'react';
import { useLocation } from 'react-router';
import { PlainTime } from '../../components/PlainTime';
import { RowLink } from '../../components/RowLink';
import { StatusChip } from '../../components/StatusChip';
import { useRowKeys } from '../../components/useRowKeys';
import { plain } from '../../lib/words';
import { SimpleTable } from '../settings/SimpleTable';
import type { SourcedEntry } from './types';

const COLUMNS = ['Action', 'When', 'Who', 'Object', 'Outcome', 'Address'];

export function AuditTable({ entries }: { entries: SourcedEntry[] }) {
  const { search } = useLocation();
  const box = useRef<HTMLDivElement>(null);
  useRowKeys(box);
  return (
    <Box ref={box}>
      <SimpleTable label="Audit log" columns={COLUMNS}>
        {entries.map((entry) => (
          <TableRow key={`${entry.source}/${entry.id}`} hover sx={{ position: 'relative' }}>
            <TableCell component="th" scope="row">
              <RowLink to={`/audit${withEntry(search, entry.id)}`}>{plain(entry.action)}</RowLink>
            </TableCell>
            <TableCell sx={{ whiteSpace: 'nowrap' }}><PlainTime at={entry.at} /></TableCell>
            <TableCell sx={LONG}>{entry.actor || plain(entry.actor_kind)}</TableCell>
            <TableCell sx={LONG}>{objectText(entry)}</TableCell>
            <TableCell><StatusChip kind="outcome" status={entry.outcome} /></TableCell>
            <TableCell>{entry.address ?? 'None'}</TableCell>
          </TableRow>
        ))}
      </SimpleTable>
    </Box>
  );
}

const LONG = { overflowWrap: 'anywhere', minWidth: 140, maxWidth: 360 };

export function objectText({ subject, subject_kind: kind }: SourcedEntry): string {
  return [kind.replaceAll('_', ' '), subject].filter(Boolean).join(' ') || 'None';
}

function withEntry(search: string, id: string): string {
  const wanted = new URLSearchParams(search);
  wanted.set('entry', id);
  return `?${wanted.toString()}`;
}
