import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import Button from '@mui/material/Button';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '../../../components/ConfirmDialog';
import { ErrorState } from '../../../components/ErrorState';
import { ListSkeleton } from '../../../components/Skeletons';
import { TimeText } from '../../../components/TimeText';
import { useToast } from '../../../components/toast';
import { linksQuery, withdrawLink } from '../api';
import { LINKS } from '../keys';
import type { ConnectLink } from '../types';

// A link is used in another browser, of which this one hears by the live stream or by asking.
const LOOK_AGAIN_MS = 5000;
const STATES = { open: 'Open', used: 'Used', expired: 'Expired' } as const;
const PURPOSES = { mailbox: 'Mailbox', admin_consent: 'Admin consent' } as const;

/** The links there are, the newest first. */
export function LinkList() {
  const links = useQuery({ ...linksQuery, refetchInterval: LOOK_AGAIN_MS });
  const [leaving, setLeaving] = useState<ConnectLink | null>(null);
  return (
    <Box component="section" aria-label="Links">
      <Typography variant="h3" component="h3" gutterBottom>
        Links
      </Typography>
      {links.isPending && <ListSkeleton rows={2} label="Loading the links" />}
      {links.isError && !links.data && <ErrorState title="The links could not be loaded." error={links.error} onRetry={() => links.refetch()} />}
      {links.data?.items.length === 0 && <Typography color="text.secondary">No links yet.</Typography>}
      {links.data && links.data.items.length > 0 && <LinkTable links={links.data.items} onWithdraw={setLeaving} />}
      <WithdrawDialog link={leaving} onClose={() => setLeaving(null)} />
    </Box>
  );
}

function LinkTable({ links, onWithdraw }: { links: ConnectLink[]; onWithdraw: (link: ConnectLink) => void }) {
  return (
    <Box component="section" sx={{ overflowX: 'auto' }} tabIndex={0} aria-label="Table of links">
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>For</TableCell>
            <TableCell>State</TableCell>
            <TableCell>Made by</TableCell>
            <TableCell>Works until</TableCell>
            <TableCell align="right">Actions</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {links.map((link) => (
            <TableRow key={link.id}>
              <TableCell component="th" scope="row" sx={{ overflowWrap: 'anywhere', minWidth: 140 }}>
                {link.mailbox ? 'A shared mailbox' : PURPOSES[link.purpose]}
                {(link.mailbox || link.login_hint) && (
                  <Typography variant="body2" color="text.secondary">
                    <bdi>{link.mailbox || link.login_hint}</bdi>
                  </Typography>
                )}
              </TableCell>
              <TableCell>{STATES[link.state]}</TableCell>
              <TableCell sx={{ overflowWrap: 'anywhere' }}>{link.created_by}</TableCell>
              <TableCell>{link.used_at ? <>used <TimeText at={link.used_at} /></> : <TimeText at={link.expires_at} />}</TableCell>
              <TableCell align="right">
                {link.state === 'open' && (
                  <Button size="small" color="error" onClick={() => onWithdraw(link)}>
                    Revoke
                  </Button>
                )}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

function WithdrawDialog({ link, onClose }: { link: ConnectLink | null; onClose: () => void }) {
  const cache = useQueryClient();
  const toast = useToast();
  const withdraw = useMutation({
    mutationFn: withdrawLink,
    onSuccess: async () => {
      toast({ text: 'The link is revoked' });
      await cache.invalidateQueries({ queryKey: LINKS });
    },
  });
  if (link === null) return null;
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Revoke the link${link.login_hint ? ` for ${link.login_hint}` : ''}?`}
      confirmLabel="Revoke the link"
      onConfirm={() => withdraw.mutateAsync(link.id)}
    >
      It stops working at once; a sign-in that was begun by it cannot be finished. You can make another one.
    </ConfirmDialog>
  );
}
