import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { listAccounts, listEvents, listMessageSummaries } from '../lib/api/generated/api';
import { useSession } from '../lib/session';
import { formatRelative } from '../lib/time';
import { ALL_PAGES, SANDBOX_PAGE } from './pages';

export interface Found {
  group: 'Pages' | 'Accounts' | 'Messages' | 'Events';
  label: string;
  detail?: string;
  to: string;
}

const LIMIT = 5;
const SHORTEST = 2;
const TYPING_PAUSE = 250;
// Of ids: a request id, a correlation id, a message id.
const LIKE_AN_ID = /^[\w<>@.=+/-]{8,}$/;

/** What the services know under a text, and the pages whose names hold it. */
export function useSearch(typed: string): { found: Found[]; isSearching: boolean; error: Error | null } {
  const text = useRested(typed.trim());
  const pages = usePages(typed.trim());
  const enabled = text.length >= SHORTEST;
  const query = useQuery({
    queryKey: ['search', text],
    queryFn: ({ signal }) => search(text, signal),
    enabled,
    placeholderData: keepPreviousData,
  });
  return { found: [...pages, ...(enabled ? (query.data ?? []) : [])], isSearching: enabled && query.isFetching, error: query.error };
}

/** One of the three may fail without hiding what the others found; only when all fail the search did. */
async function search(q: string, signal: AbortSignal): Promise<Found[]> {
  const asked = [accounts(q, signal), messages(q, signal), ...(LIKE_AN_ID.test(q) ? [events(q, signal)] : [])];
  const answers = await Promise.allSettled(asked);
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (found.length === 0 && failed !== undefined) throw failed.reason;
  return found;
}

async function accounts(q: string, signal: AbortSignal): Promise<Found[]> {
  const { data } = await listAccounts({ query: { q, limit: LIMIT }, signal, throwOnError: true });
  return data.items.map((account) => ({
    group: 'Accounts',
    label: account.display_name,
    detail: account.account_email,
    to: `/admin/tenants/${account.id}`,
  }));
}

async function messages(q: string, signal: AbortSignal): Promise<Found[]> {
  const { data } = await listMessageSummaries({ query: { q, limit: LIMIT }, signal, throwOnError: true });
  return data.items.map((message) => ({
    group: 'Messages',
    label: message.subject || '(no subject)',
    detail: [message.from?.name || message.from?.address, message.received_at && formatRelative(message.received_at)].filter(Boolean).join(' · '),
    to: `/messages/${message.id}`,
  }));
}

async function events(q: string, signal: AbortSignal): Promise<Found[]> {
  const { data } = await listEvents({ query: { q, limit: LIMIT }, signal, throwOnError: true });
  return data.items.map((event) => ({
    group: 'Events',
    label: `Event of ${formatRelative(event.received_at)}`,
    detail: event.correlation_id,
    to: `/events?q=${encodeURIComponent(q)}&event=${event.id}`,
  }));
}

function usePages(text: string): Found[] {
  const sandbox = useSession()?.sandbox ?? false;
  const pages = sandbox ? [...ALL_PAGES, SANDBOX_PAGE] : ALL_PAGES;
  const wanted = text.toLowerCase();
  return pages.filter((page) => page.label.toLowerCase().includes(wanted)).map(({ label, to }) => ({ group: 'Pages', label, to }));
}

function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}
