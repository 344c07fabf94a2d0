import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { useId, useState } from 'react';

export interface ChartTable {
  columns: string[];
  rows: (string | number)[][];
}

interface Props {
  /** With its unit: "Messages per hour". */
  title: string;
  /** Under the axis: the zone of the times. */
  foot?: string | undefined;
  table: ChartTable;
  /** Shown over the empty axis: "No messages in this period." */
  emptyText?: string | undefined;
  children: ReactNode;
}

/** A chart in a frame, with the same numbers as a table at the press of a button. */
export function ChartCard({ title, foot, table, emptyText, children }: Props) {
  const [asTable, setAsTable] = useState(false);
  const titleId = useId();
  return (
    <Card component="section" aria-labelledby={titleId} sx={{ p: 2, minWidth: 0 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, mb: 1 }}>
        <Typography id={titleId} component="h2" variant="h3" sx={{ flex: 1 }}>
          {title}
        </Typography>
        <Button size="small" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'View as chart' : 'View as table'}
        </Button>
      </Box>
      {asTable ? <Numbers label={title} table={table} /> : children}
      {emptyText && (
        <Typography color="text.secondary" sx={{ textAlign: 'center' }}>
          {emptyText}
        </Typography>
      )}
      {foot && (
        <Typography variant="caption" color="text.secondary" component="div" sx={{ mt: 0.5 }}>
          {foot}
        </Typography>
      )}
    </Card>
  );
}

function Numbers({ label, table }: { label: string; table: ChartTable }) {
  return (
    <TableContainer sx={{ maxHeight: 280 }} tabIndex={0} role="region" aria-label={`${label}, as a table`}>
      <Table size="small" stickyHeader aria-label={`${label}, as a table`}>
        <TableHead>
          <TableRow>
            {table.columns.map((column) => (
              <TableCell key={column}>{column}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {table.rows.map((row) => (
            <TableRow key={String(row[0])}>
              {row.map((cell, index) => (
                <TableCell key={table.columns[index]} component={index === 0 ? 'th' : 'td'} scope={index === 0 ? 'row' : undefined}>
                  {typeof cell === 'number' ? cell.toLocaleString('en') : cell}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
