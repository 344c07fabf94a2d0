import { queryOptions } from '@tanstack/react-query';
import {
  cancelReplay,
  createReplay,
  discardDeadLetters,
  getDeadLetter,
  getReplay,
  listDeadLetterGroups,
  listDeadLetters,
  listDiscardedDeadLetters,
  listReplayItems,
  listReplays,
  pauseReplay,
  previewReplay,
  replayDeadLetter,
  restoreDeadLetters,
  resumeReplay,
} from '../../lib/api/generated/api';
import type { Chosen, DeadLetterFilters } from './filters';
import { NO_FILTERS, selector } from './filters';
import { DEAD_LETTERS, GROUPS, REPLAYS } from './keys';
import { isUnderWay } from './replay/words';
import type { DeadLetterPage, DiscardedDeadLetterPage, Replay, ReplayItemState } from './types';

const PAGE_SIZE = 50;
const UNDER_WAY_MS = 2000;

export const groupsQuery = queryOptions({
  queryKey: GROUPS,
  queryFn: async ({ signal }) => (await listDeadLetterGroups({ signal, throwOnError: true })).data,
});

export function deadLettersQuery(filters: DeadLetterFilters, after: string | undefined, pageSize: number) {
  return queryOptions({
    queryKey: [...DEAD_LETTERS, filters, after ?? 'first', pageSize],
    queryFn: ({ signal }) => fetchDeadLetters(filters, after, signal, pageSize),
  });
}

export async function fetchDeadLetters(
  filters: DeadLetterFilters,
  after?: string,
  signal?: AbortSignal,
  limit = PAGE_SIZE,
): Promise<DeadLetterPage> {
  const q = filters.q.trim();
  const { data } = await listDeadLetters({
    query: { ...selector(filters, new Date()), limit, ...(q && { q }), ...(after && { after }) },
    throwOnError: true,
    ...(signal && { signal }),
  });
  return data;
}

export function deadLetterQuery(id: string) {
  return queryOptions({
    queryKey: [...DEAD_LETTERS, id],
    queryFn: async ({ signal }) =>
      (await getDeadLetter({ path: { dead_letter_id: id }, signal, throwOnError: true })).data,
  });
}

/** The newest one of a cause; undefined when there is none any more. */
export async function newestOf(reason: string) {
  return (await fetchDeadLetters({ ...NO_FILTERS, reason }, undefined, undefined, 1)).items[0];
}

export const discardedQuery = queryOptions({
  queryKey: [...DEAD_LETTERS, 'discarded'],
  queryFn: ({ signal }) => fetchDiscarded(undefined, signal),
});

export async function fetchDiscarded(after?: string, signal?: AbortSignal): Promise<DiscardedDeadLetterPage> {
  const { data } = await listDiscardedDeadLetters({
    query: { limit: PAGE_SIZE, ...(after && { after }) },
    throwOnError: true,
    ...(signal && { signal }),
  });
  return data;
}

export function previewQuery(chosen: Chosen) {
  return queryOptions({
    // Asked anew for every dialog: what it says must be true now.
    queryKey: ['replay-preview', chosen],
    queryFn: async ({ signal }) => (await previewReplay({ body: chosen, signal, throwOnError: true })).data,
    staleTime: 0,
    gcTime: 0,
  });
}

/** The last replays; looked at more often while one of them is under way, in case the live stream is off. */
export const replaysQuery = queryOptions({
  queryKey: [...REPLAYS, 'list'],
  queryFn: async ({ signal }) => (await listReplays({ query: { limit: PAGE_SIZE }, signal, throwOnError: true })).data,
  refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) ? UNDER_WAY_MS : false),
});

export function replayQuery(id: string) {
  return queryOptions({
    queryKey: [...REPLAYS, id],
    queryFn: async ({ signal }) => (await getReplay({ path: { replay_id: id }, signal, throwOnError: true })).data,
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? UNDER_WAY_MS : false),
  });
}

export function replayItemsQuery(id: string, state: ReplayItemState | undefined) {
  return queryOptions({
    queryKey: [...REPLAYS, id, 'items', state ?? 'all'],
    queryFn: async ({ signal }) => {
      const query = { limit: PAGE_SIZE, ...(state && { state }) };
      return (await listReplayItems({ path: { replay_id: id }, query, signal, throwOnError: true })).data;
    },
  });
}

export interface NewReplay {
  chosen: Chosen;
  key: string;
  excludeBlocked: boolean;
  perSecond: number;
}

export async function startReplay(wanted: NewReplay): Promise<Replay> {
  const { chosen, key, excludeBlocked, perSecond } = wanted;
  const body = { ...chosen, key, exclude_blocked: excludeBlocked, per_second: perSecond };
  return (await createReplay({ body, throwOnError: true })).data;
}

export type Steering = 'pause' | 'resume' | 'cancel';

const STEER = { pause: pauseReplay, resume: resumeReplay, cancel: cancelReplay } as const;

export async function steerReplay(id: string, to: Steering): Promise<Replay> {
  return (await STEER[to]({ path: { replay_id: id }, throwOnError: true })).data;
}

export async function replayOne(id: string) {
  return (await replayDeadLetter({ path: { dead_letter_id: id }, throwOnError: true })).data;
}

export async function discard(chosen: Chosen, reason: string): Promise<number> {
  return (await discardDeadLetters({ body: { ...chosen, reason }, throwOnError: true })).data.discarded;
}

export async function restore(ids: string[]): Promise<number> {
  return (await restoreDeadLetters({ body: { ids }, throwOnError: true })).data.restored;
}
