import type { IconComponent } from './icon';
import { AccessTimeIcon, AutorenewIcon, CheckCircleIcon, ErrorIcon, HourglassBottomIcon, KeyIcon, LockIcon, PauseCircleIcon, RemoveCircleOutlineIcon, SkipNextIcon, WarningIcon } from './icons';
import type { Level, StateIcon } from '../lib/words';

/** Each state has a shape of its own: colour alone never carries it. */
export const STATE_ICONS: Record<StateIcon, IconComponent> = {
  check: CheckCircleIcon,
  clock: AccessTimeIcon,
  hourglass: HourglassBottomIcon,
  lock: LockIcon,
  key: KeyIcon,
  error: ErrorIcon,
  warning: WarningIcon,
  pause: PauseCircleIcon,
  spinner: AutorenewIcon,
  skip: SkipNextIcon,
  off: RemoveCircleOutlineIcon,
};

export function chipColor(level: Level): 'success' | 'info' | 'warning' | 'error' | 'default' {
  return level === 'neutral' ? 'default' : level;
}

export function textColor(level: Level): string {
  return level === 'neutral' ? 'text.secondary' : `${level}.main`;
}
