import { queryOptions } from '@tanstack/react-query';
import { getEvent, listEvents } from '../../lib/api/generated/api';
import type { EventFilters } from './filters';
import { eventQuery } from './filters';
import type { EventPage } from './types';

const PAGE_SIZE = 50;

export function eventsQuery(filters: EventFilters) {
  return queryOptions({
    queryKey: ['api', 'events', filters],
    queryFn: ({ signal }) => fetchEvents(filters, undefined, signal),
  });
}

export async function fetchEvents(filters: EventFilters, after?: string, signal?: AbortSignal): Promise<EventPage> {
  const { data } = await listEvents({
    query: { ...eventQuery(filters, new Date()), limit: PAGE_SIZE, ...(after && { after }) },
    throwOnError: true,
    ...(signal && { signal }),
  });
  return data;
}

export function eventDetailQuery(id: string) {
  return queryOptions({
    queryKey: ['api', 'events', id],
    queryFn: async ({ signal }) => (await getEvent({ path: { event_id: id }, signal, throwOnError: true })).data,
  });
}
