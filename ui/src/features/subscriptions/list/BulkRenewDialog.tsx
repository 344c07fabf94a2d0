import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useQueryClient } from '@tanstack/react-query';
import { ConfirmDialog } from '../../../components/ConfirmDialog';
import { stateWord } from '../../../lib/words';
import { MAX_RENEWALS, SUBSCRIPTIONS, renewMany } from '../api';
import type { RenewResult, Subscription } from '../types';

interface Props {
  chosen: Subscription[];
  onClose: () => void;
  onDone: (results: RenewResult[]) => void;
}

/** What will be renewed, by state, before Microsoft is asked. */
export function BulkRenewDialog({ chosen, onClose, onDone }: Props) {
  const cache = useQueryClient();
  const confirm = async () => {
    onDone(await renewMany(chosen.map(({ id }) => id)));
    await cache.invalidateQueries({ queryKey: SUBSCRIPTIONS });
  };
  const many = chosen.length === 1 ? '1 subscription' : `${chosen.length} subscriptions`;
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      level="preview"
      title={`Renew ${many}?`}
      confirmLabel={`Renew ${many}`}
      disabled={chosen.length > MAX_RENEWALS}
      onConfirm={confirm}
    >
      <Typography gutterBottom>
        Microsoft moves the expiry as far as it allows, about seven days. What it no longer has is made anew under the same id.
      </Typography>
      <Box component="ul" sx={{ pl: 2.5, my: 1 }}>
        {counts(chosen).map(([state, count]) => (
          <li key={state}>
            {count} × {stateWord('subscription', state).word}
          </li>
        ))}
      </Box>
      {chosen.length > MAX_RENEWALS && <Typography color="error">At most {MAX_RENEWALS} at a time.</Typography>}
    </ConfirmDialog>
  );
}

function counts(chosen: Subscription[]): [string, number][] {
  const found = new Map<string, number>();
  for (const { state_word: state } of chosen) found.set(state, (found.get(state) ?? 0) + 1);
  return [...found];
}
