import type { RemovalOrder } from '../types';

export function isOpen(order: RemovalOrder): boolean {
  return order.finished_at === null;
}

/** The account's address; its id where nobody knew it. */
export function nameOf(order: RemovalOrder): string {
  return order.label || order.tenant_id;
}

/** How much is deleted, in whole percent; null until the messages were counted. */
export function percentDeleted({ total, deleted }: RemovalOrder): number | null {
  if (total === null) return null;
  return total === 0 ? 100 : Math.min(100, Math.floor((deleted / total) * 100));
}

export function removalSentence(order: RemovalOrder): string {
  const { total, deleted } = order;
  const progress = total === null ? 'it is being counted' : `${deleted.toLocaleString('en')} of ${total.toLocaleString('en')}`;
  const failed = order.last_error === null ? '' : '. The last try failed; it is tried again';
  return `Deleting the stored mail of ${nameOf(order)}: ${progress}${failed}`;
}
