import ToggleButton from '@mui/material/ToggleButton';
import { LineChart } from '@mui/x-charts/LineChart';
import { useTheme } from '@mui/material/styles';
import { useState } from 'react';
import { ChartCard } from '../../components/ChartCard';
import type { Series } from '../../lib/api/generated/api';
import { formatDuration } from '../../lib/time';
import { LIST_WORDS } from '../../lib/words';
import { axisLabels, rowName, zoneFoot } from './buckets';

const HEIGHT = 230;

/** How long a message took from Microsoft's notification until it was stored: the middle, and the slowest in twenty. */
export function DelayChart({ series }: { series: Series }) {
  const [log, setLog] = useState(false);
  const palette = useTheme().vars?.palette;
  const { buckets } = series;
  const nothing = buckets.every((bucket) => bucket.delay_p95 === null);
  const table = {
    columns: ['Time', 'p50', 'p95'],
    rows: buckets.map((bucket) => [rowName(bucket), words(bucket.delay_p50), words(bucket.delay_p95)]),
  };
  return (
    <ChartCard title="Delay from notification to stored (seconds)" foot={zoneFoot()} table={table} emptyText={nothing ? LIST_WORDS.overview.filtered : undefined}>
      <ToggleButton size="small" value="log" selected={log} onChange={() => setLog(!log)} sx={{ py: 0.25, mb: 0.5 }}>
        Logarithmic
      </ToggleButton>
      <LineChart
        height={HEIGHT}
        skipAnimation
        margin={{ left: 0, right: 8 }}
        xAxis={[{ scaleType: 'point', data: axisLabels(series), tickLabelMinGap: 12 }]}
        yAxis={[{ width: 44, scaleType: log ? 'log' : 'linear', ...(log ? {} : { min: 0 }), ...(nothing && { min: 0.1, max: 10 }) }]}
        series={[
          { id: 'p50', label: 'p50', shape: 'circle', color: palette?.primary.main ?? 'blue', data: points(buckets, 'delay_p50', log), valueFormatter: words },
          { id: 'p95', label: 'p95', shape: 'triangle', color: palette?.warning.main ?? 'orange', data: points(buckets, 'delay_p95', log), valueFormatter: words },
        ]}
      />
    </ChartCard>
  );
}

// Zero has no place on a logarithmic axis.
const LEAST = 0.001;

function points(buckets: Series['buckets'], key: 'delay_p50' | 'delay_p95', log: boolean): (number | null)[] {
  return buckets.map((bucket) => (bucket[key] === null || !log ? bucket[key] : Math.max(bucket[key], LEAST)));
}

function words(seconds: number | null): string {
  return seconds === null ? 'none' : formatDuration(seconds * 1000);
}
