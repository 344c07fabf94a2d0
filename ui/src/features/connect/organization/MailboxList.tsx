import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemText from '@mui/material/ListItemText';
import Typography from '@mui/material/Typography';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ErrorState } from '../../../components/ErrorState';
import { SearchField } from '../../../components/FilterBar';
import { ListSkeleton } from '../../../components/Skeletons';
import { fetchMailboxes } from '../api';
import { ORGANIZATIONS } from '../keys';
import type { Mailbox } from '../types';
import { isChosen, toggled } from './chosen';

interface Props {
  organizationId: string;
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** The organisation's people as Microsoft lists them: page by page, found by the start of a name or address. */
export function MailboxList({ organizationId, chosen, onChange }: Props) {
  const [search, setSearch] = useState('');
  const found = useInfiniteQuery({
    queryKey: [...ORGANIZATIONS, organizationId, 'mailboxes', search],
    queryFn: ({ pageParam, signal }) => fetchMailboxes(organizationId, search, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    // Each page costs Microsoft a call; people seldom change while somebody chooses.
    staleTime: 60_000,
  });
  const mailboxes = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Box component="section" aria-label="Directory">
      <SearchField label="Search by the start of a name or address" value={search} onChange={setSearch} />
      {found.isPending && <ListSkeleton rows={4} label="Asking Microsoft for the mailboxes" />}
      {found.isError && (
        <ErrorState title="Microsoft did not list the mailboxes. Addresses can be typed below." error={found.error} onRetry={() => found.refetch()} />
      )}
      {found.data && mailboxes.length === 0 && (
        <Typography sx={{ my: 2 }}>{search ? `Nobody's name or address starts with “${search}”.` : 'Microsoft lists nobody.'}</Typography>
      )}
      {mailboxes.length > 0 && (
        <List dense aria-label="Mailboxes" sx={{ maxHeight: 320, overflow: 'auto', border: 1, borderColor: 'divider', borderRadius: 1, mt: 1 }}>
          {mailboxes.map((mailbox) => (
            <MailboxOption
              key={mailbox.object_id}
              mailbox={mailbox}
              checked={isChosen(chosen, nameOf(mailbox))}
              onToggle={() => onChange(toggled(chosen, nameOf(mailbox)))}
            />
          ))}
        </List>
      )}
      {found.hasNextPage && (
        <Button onClick={() => found.fetchNextPage()} loading={found.isFetchingNextPage} sx={{ mt: 1 }}>
          Load more
        </Button>
      )}
    </Box>
  );
}

/** Somebody without an address is named by the object id, which Microsoft takes as well. */
function nameOf({ address, object_id: id }: Mailbox): string {
  return address || id;
}

function MailboxOption({ mailbox, checked, onToggle }: { mailbox: Mailbox; checked: boolean; onToggle: () => void }) {
  return (
    <ListItem disablePadding>
      <FormControlLabel
        control={<Checkbox checked={checked} onChange={onToggle} sx={{ ml: 1 }} />}
        label={
          <ListItemText
            primary={<bdi>{mailbox.display_name || nameOf(mailbox)}</bdi>}
            secondary={<bdi>{nameOf(mailbox)}</bdi>}
            sx={{ overflowWrap: 'anywhere', my: 0.5 }}
          />
        }
        sx={{ flex: 1, mx: 0, '&:hover': { bgcolor: 'action.hover' } }}
      />
    </ListItem>
  );
}
