import Chip from '@mui/material/Chip';
import Tooltip from '@mui/material/Tooltip';
import { STATE_ICONS, chipColor } from '../../components/stateIcons';
import type { Event } from './types';
import { eventState } from './words';

/** Where an event stands: more states than a message has, with words of their own. */
export function EventChip({ event }: { event: Pick<Event, 'state' | 'outcome' | 'attempts'> }) {
  const state = eventState(event);
  const Icon = STATE_ICONS[state.icon];
  return (
    <Tooltip title={`${state.means} ${state.leave}`}>
      <Chip size="small" variant="outlined" color={chipColor(state.level)} icon={<Icon aria-hidden />} label={state.word} />
    </Tooltip>
  );
}
