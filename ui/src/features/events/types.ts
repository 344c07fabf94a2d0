export type { EventDetail, EventOut as Event, EventPage } from '../../lib/api/generated/api';
