import Box from '@mui/material/Box';
import type { Chosen } from '../filters';
import type { DeadLetterGroup } from '../types';
import { GroupCard } from './GroupCard';

interface Props {
  groups: DeadLetterGroup[];
  reason: string;
  onReason: (reason: string) => void;
  onReplay: (chosen: Chosen) => void;
  onDiscard: (chosen: Chosen) => void;
}

/** The causes, the largest first. */
export function GroupList({ groups, reason, onReason, onReplay, onDiscard }: Props) {
  return (
    <Box
      component="ul"
      aria-label="Causes"
      sx={{ listStyle: 'none', m: 0, mb: 3, p: 0, display: 'grid', gap: 2, gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 420px), 1fr))' }}
    >
      {groups.map((group) => (
        <GroupCard
          key={group.reason}
          group={group}
          chosen={group.reason === reason}
          onShow={() => onReason(group.reason === reason ? '' : group.reason)}
          onReplay={() => onReplay({ filter: { reason: group.reason } })}
          onDiscard={() => onDiscard({ filter: { reason: group.reason } })}
        />
      ))}
    </Box>
  );
}
