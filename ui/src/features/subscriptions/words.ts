import type { Subscription, TimelineItem } from './types';

const RESOURCES: readonly [RegExp, string][] = [
  [/mailFolders\('inbox'\)\/messages$/i, 'Inbox'],
  [/mailFolders\('([^']+)'\)\/messages$/i, 'Folder $1'],
  [/\/messages$/i, 'All folders'],
];

/** What is watched, in words; Graph's own name where there are none. */
export function resourceWord(resource: string): string {
  for (const [pattern, word] of RESOURCES) {
    const match = pattern.exec(resource);
    if (match) return word.replace('$1', match[1] ?? '');
  }
  return resource;
}

const HAPPENED: Record<TimelineItem['kind'], string> = {
  created: 'Created',
  renewed: 'Renewed',
  recreated: 'Recreated',
  renewal_failed: 'Renewal failed',
  reauthorizationRequired: 'Microsoft asked to confirm the permission (reauthorizationRequired)',
  subscriptionRemoved: 'Microsoft removed it (subscriptionRemoved)',
  missed: 'Microsoft missed notifications (missed)',
  created_failed: 'Could not be created',
  removed: 'Removed here',
  caught_up: 'Looked for what may have been missed',
  expired: 'Ended without a renewal',
  polled: 'Polled from now on: a shared mailbox, of which Microsoft announces nothing',
  difference: 'Its notifications say something otherwise than we know it',
};

/** What happened, in words; what a newer service tells keeps its name. */
export function happened(kind: string): string {
  return HAPPENED[kind as TimelineItem['kind']] ?? kind;
}

/** How the folder's changes come. */
export function modeWord(mode: Subscription['mode']): string {
  return mode === 'push' ? 'Microsoft announces changes' : 'Polled every 40 seconds: Microsoft announces nothing';
}

/** What its last sign of life was. */
export function proofWord(by: Subscription['proven_by']): string {
  switch (by) {
    case 'notification':
      return '(a notification came)';
    case 'asked':
      return '(Microsoft was asked for it)';
    case 'renewed':
      return '(Microsoft renewed it)';
    case 'created':
      return '(Microsoft made it)';
    default:
      return '';
  }
}

/** Whose it is: the service leaves the account out when it cannot ask for it. */
export function ownerOf({ account, tenant_id: tenantId }: Subscription): string {
  return account?.account_email ?? `Account ${tenantId.slice(0, 8)}`;
}
