import Box from '@mui/material/Box';
import MuiLink from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import { ChartCard } from '../../components/ChartCard';
import type { DeadCause } from '../../lib/api/generated/api';

/** Open dead letters by cause, as bars that are links: few rows, long names. */
export function CausesChart({ causes }: { causes: DeadCause[] }) {
  const most = Math.max(...causes.map((cause) => cause.count), 1);
  const table = { columns: ['Cause', 'Dead letters'], rows: causes.map((cause) => [cause.words, cause.count]) };
  return (
    <ChartCard title="Open dead letters by cause (number)" table={table} emptyText={causes.length === 0 ? 'No dead letters.' : undefined}>
      <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none', display: 'grid', gap: 1 }}>
        {causes.map((cause) => (
          <Bar key={cause.reason} cause={cause} share={cause.count / most} />
        ))}
      </Box>
    </ChartCard>
  );
}

function Bar({ cause, share }: { cause: DeadCause; share: number }) {
  return (
    <li>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'baseline' }}>
        <MuiLink component={Link} to={`/dead-letters?reason=${encodeURIComponent(cause.reason)}`} sx={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
          {cause.words}
        </MuiLink>
        <Typography sx={{ fontWeight: 600 }}>{cause.count.toLocaleString('en')}</Typography>
      </Box>
      <Box aria-hidden sx={{ height: 10, borderRadius: 1, bgcolor: 'action.hover', mt: 0.25 }}>
        <Box sx={{ height: '100%', width: `${Math.max(1, share * 100)}%`, borderRadius: 1, bgcolor: 'error.main', '@media (forced-colors: active)': { bgcolor: 'CanvasText' } }} />
      </Box>
    </li>
  );
}
