import type { Address } from './types';

/** How a mailbox is called in a list: its name, else its address. */
export function shortAddress(address: Address | null | undefined): string {
  return address?.name?.trim() || address?.address?.trim() || '(no sender)';
}

/** A mailbox with both parts, as mail programs write it. */
export function fullAddress(address: Address): string {
  const name = address.name?.trim();
  const at = address.address?.trim();
  if (name && at && name !== at) return `${name} <${at}>`;
  return at || name || '(no address)';
}

export function addressList(addresses: Address[]): string {
  return addresses.map(fullAddress).join(', ');
}

export function subjectOf(subject: string | null | undefined): string {
  return subject?.trim() || '(no subject)';
}
