import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { CopyButton } from '../../../components/CopyButton';
import type { MessageDetail } from '../types';

/** The header fields in the order in which they stand in the message. */
export function HeadersTab({ message }: { message: MessageDetail }) {
  if (message.headers.length === 0) {
    return (
      <Typography color="text.secondary" sx={{ p: 2 }}>
        Microsoft gave no header fields for this message. Drafts and messages that were never sent have none.
      </Typography>
    );
  }
  const text = message.headers.map((header) => `${header.name}: ${header.value}`).join('\n');
  return (
    <>
      <CopyButton text={text} label="Copy all header fields" />
      <Table size="small" aria-label="Header fields">
        <TableHead>
          <TableRow>
            <TableCell>Field</TableCell>
            <TableCell>Value</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {message.headers.map((header, index) => (
            // Fields repeat (Received), and their order is fixed: the place is the identity.
            <TableRow key={`${index} ${header.name}`}>
              <TableCell component="th" scope="row" sx={{ verticalAlign: 'top', whiteSpace: 'nowrap' }}>
                {header.name}
              </TableCell>
              <TableCell sx={{ fontFamily: 'monospace', overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
                {header.value}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </>
  );
}
