import type { Gap } from '../types';

const WHY: Record<string, string> = {
  missed: 'Microsoft said that notifications were lost',
  removed: 'Microsoft had removed the subscription',
  recreated: 'the subscription was made anew',
  renewed_late: 'the subscription was renewed late',
  reauthorized: 'Microsoft held notifications back until the permission was confirmed',
  reconnected: 'the account could not be used until it was reconnected',
  process_down: 'nobody took notifications',
  not_subscribed: 'Microsoft announces nothing, so the folder is polled',
  silence: 'the folder was quieter than usual',
  not_understood: 'a notification said something this version does not know',
  storm_of_404: 'many announced messages were not there',
  cursor_lost: 'Microsoft forgot how far the folder had been looked through',
  first_sync: 'the first look at the folder',
};

/** Why something may have been missed; a reason of a newer service keeps its name. */
export function gapWhy(gap: Pick<Gap, 'reasons'>): string {
  const text = gap.reasons.map((reason) => WHY[reason] ?? reason).join('; ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What the look through the folder found, or when it looks next. */
export function gapFound({ closed_at: closed, looked_at: looked, recovered, removals, failures }: Gap): string {
  const found = `${count(recovered, 'message')} recovered of ${looked.toLocaleString('en')} looked at`;
  const left = removals > 0 ? `; ${count(removals, 'message')} had left the folder` : '';
  if (closed !== null) return `${found}${left}.`;
  return failures > 0 ? `Not looked through yet: ${count(failures, 'look')} failed.` : `Being looked through: ${found} so far.`;
}

function count(number: number, word: string): string {
  return `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`;
}
