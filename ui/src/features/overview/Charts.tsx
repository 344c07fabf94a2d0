import Box from '@mui/material/Box';
import type { Overview } from '../../lib/api/generated/api';
import { CausesChart } from './CausesChart';
import { DelayChart } from './DelayChart';
import { MessagesChart } from './MessagesChart';

export function Charts({ overview }: { overview: Overview }) {
  return (
    <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'repeat(2, minmax(0, 1fr))' } }}>
      <MessagesChart series={overview.series} />
      <DelayChart series={overview.series} />
      <CausesChart causes={overview.dead_by_cause} />
    </Box>
  );
}
