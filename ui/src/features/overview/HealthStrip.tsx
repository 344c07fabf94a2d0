import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import MuiLink from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import { STATE_ICONS, textColor } from '../../components/stateIcons';
import { TimeText } from '../../components/TimeText';
import type { HealthItem } from '../../lib/api/generated/api';
import { plain, stateWord } from '../../lib/words';

const NAMES: Record<string, string> = {
  api: 'API',
  auth: 'Auth service',
  public_url: 'Public address',
  intake: 'Intake',
  workers: 'Workers',
  queue: 'Queue',
  graph: 'Microsoft Graph',
  database: 'Database',
  clock: 'Clocks',
};

/** Each part of the installation in a word, with its last check. */
export function HealthStrip({ items }: { items: HealthItem[] }) {
  return (
    <Card component="section" aria-labelledby="health-title" sx={{ p: 2 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', mb: 1 }}>
        <Typography id="health-title" component="h2" variant="h2" sx={{ flex: 1 }}>
          Health
        </Typography>
        <MuiLink component={Link} to="/settings/system">
          System details
        </MuiLink>
      </Box>
      <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none', display: 'grid', gap: 2, gridTemplateColumns: 'repeat(auto-fill, minmax(min(230px, 100%), 1fr))' }}>
        {items.map((item) => (
          <Part key={item.name} item={item} />
        ))}
      </Box>
    </Card>
  );
}

function Part({ item }: { item: HealthItem }) {
  const state = stateWord('health', item.state);
  const Icon = STATE_ICONS[state.icon];
  return (
    <Box component="li" sx={{ display: 'flex', gap: 1, minWidth: 0 }}>
      <Icon titleAccess={state.word} fontSize="small" sx={{ color: textColor(state.level), mt: 0.25 }} />
      <Box sx={{ minWidth: 0 }}>
        <Typography sx={{ fontWeight: 600 }}>
          {NAMES[item.name] ?? plain(item.name)}: {item.word}
        </Typography>
        <Typography variant="body2" color="text.secondary" component="div" sx={{ overflowWrap: 'anywhere' }}>
          {item.detail} Checked <TimeText at={item.checked_at} />.
        </Typography>
      </Box>
    </Box>
  );
}
