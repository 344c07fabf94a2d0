import { BarChart } from '@mui/x-charts/BarChart';
import { useNavigate } from 'react-router';
import { ChartCard } from '../../components/ChartCard';
import { Patterns, usePatternedColors } from '../../components/chartPatterns';
import type { Bucket, Series } from '../../lib/api/generated/api';
import { LIST_WORDS } from '../../lib/words';
import { axisLabels, perBucket, rowName, zoneFoot } from './buckets';

const HEIGHT = 260;

/** Stored, being retried, dead: a press on a bar leads to what it counts. */
export function MessagesChart({ series }: { series: Series }) {
  const navigate = useNavigate();
  const colors = usePatternedColors();
  const { buckets, bucket_seconds: seconds } = series;
  const nothing = buckets.every((bucket) => bucket.stored + bucket.retrying + bucket.dead === 0);
  const table = {
    columns: ['Time', 'Stored', 'Retrying', 'Dead'],
    rows: buckets.map((bucket) => [rowName(bucket), bucket.stored, bucket.retrying, bucket.dead]),
  };
  const open = (index: number | undefined, kind: string | undefined) => {
    const bucket = buckets[index ?? -1];
    if (bucket !== undefined) void navigate(listOf(bucket, seconds, kind));
  };
  return (
    <ChartCard title={`Messages ${perBucket(seconds)}`} foot={zoneFoot()} table={table} emptyText={nothing ? LIST_WORDS.overview.filtered : undefined}>
      <BarChart
        height={HEIGHT}
        skipAnimation
        margin={{ left: 0, right: 8 }}
        xAxis={[{ scaleType: 'band', data: axisLabels(series), tickLabelInterval: 'auto', tickLabelMinGap: 12 }]}
        yAxis={[{ min: 0, width: 44, ...(nothing && { max: 10 }) }]}
        series={[
          { id: 'stored', label: 'Stored', stack: 'all', color: colors.plain, data: buckets.map((bucket) => bucket.stored) },
          { id: 'retrying', label: 'Retrying', stack: 'all', color: colors.striped, data: buckets.map((bucket) => bucket.retrying) },
          { id: 'dead', label: 'Dead', stack: 'all', color: colors.dotted, data: buckets.map((bucket) => bucket.dead) },
        ]}
        onItemClick={(_, item) => open(item.dataIndex, String(item.seriesId))}
      >
        <Patterns />
      </BarChart>
    </ChartCard>
  );
}

function listOf(bucket: Bucket, seconds: number, kind: string | undefined): string {
  const until = new Date(new Date(bucket.at).getTime() + seconds * 1000).toISOString();
  const period = `since=${encodeURIComponent(bucket.at)}&until=${encodeURIComponent(until)}`;
  if (kind === 'dead') return '/dead-letters';
  return kind === 'retrying' ? '/events' : `/messages?${period}`;
}
