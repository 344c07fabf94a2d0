import type { Level, StateIcon } from '../../../lib/words';
import type { Warning } from '../types';

export interface ExpiryWord {
  word: string;
  level: Level;
  icon: StateIcon;
}

const URGENT_DAYS = 7;

/** How long a credential lasts yet, in words. */
export function expiryWord(warning: Warning, days: number | null): ExpiryWord {
  if (warning === 'missing') return { word: 'No credential', level: 'error', icon: 'error' };
  if (warning === 'expired') return { word: 'Expired', level: 'error', icon: 'error' };
  if (days === null) return { word: 'End not known', level: 'neutral', icon: 'clock' };
  if (warning === 'ok') return { word: `OK, ${count(days)} left`, level: 'success', icon: 'check' };
  const word = days < 1 ? 'Expires today' : `Expires in ${count(days)}`;
  return { word, level: days <= URGENT_DAYS ? 'error' : 'warning', icon: 'hourglass' };
}

function count(days: number): string {
  return days === 1 ? '1 day' : `${days.toLocaleString('en')} days`;
}
