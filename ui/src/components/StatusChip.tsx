import Chip from '@mui/material/Chip';
import Tooltip from '@mui/material/Tooltip';
import type { StateKind } from '../lib/words';
import { stateWord } from '../lib/words';
import { STATE_ICONS, chipColor } from './stateIcons';

interface Props {
  kind: StateKind;
  status: string;
  /** The service's own word, where it gives one. */
  word?: string | undefined;
  /** Why it is so, for the tooltip. */
  cause?: string | null | undefined;
  size?: 'small' | 'medium';
}

/** A state as icon and word; the tooltip says what it means and how to leave it. */
export function StatusChip({ kind, status, word, cause, size = 'small' }: Props) {
  const state = stateWord(kind, status);
  const Icon = STATE_ICONS[state.icon];
  return (
    <Tooltip title={<StateHelp means={cause ?? state.means} leave={state.leave} />}>
      <Chip
        size={size}
        variant="outlined"
        color={chipColor(state.level)}
        icon={<Icon aria-hidden />}
        label={word ?? state.word}
        data-status={status}
      />
    </Tooltip>
  );
}

function StateHelp({ means, leave }: { means: string; leave: string }) {
  return (
    <>
      <div>{means}</div>
      <div>{leave}</div>
    </>
  );
}
