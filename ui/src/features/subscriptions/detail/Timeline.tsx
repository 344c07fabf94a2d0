import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { ErrorState } from '../../../components/ErrorState';
import { ListSkeleton } from '../../../components/Skeletons';
import { TimelineList } from '../../../components/TimelineList';
import { timelineQuery } from '../api';
import type { TimelineItem } from '../types';
import { happened } from '../words';

const FAILED = new Set<string>(['renewal_failed', 'created_failed', 'subscriptionRemoved', 'missed']);

/** What happened to it, the last first; also of one that was removed. */
export function Timeline({ id }: { id: string }) {
  const timeline = useQuery(timelineQuery(id));
  if (timeline.isPending) return <ListSkeleton rows={3} label="Loading the timeline" />;
  if (timeline.data === undefined) {
    return <ErrorState title="The timeline could not be loaded." error={timeline.error} onRetry={() => timeline.refetch()} />;
  }
  if (timeline.data.items.length === 0) return <Typography color="text.secondary">Nothing happened yet.</Typography>;
  return <TimelineList label="Timeline" items={timeline.data.items.map(shown)} />;
}

function shown({ at, kind, outcome, detail, attempts }: TimelineItem) {
  const tries = attempts > 1 ? ` (${attempts} attempts)` : '';
  return {
    at,
    title: `${happened(kind)}${tries}`,
    text: [detail, outcome === 'ok' || outcome === 'success' ? '' : outcome].filter(Boolean).join(' '),
    failed: FAILED.has(kind),
  };
}
