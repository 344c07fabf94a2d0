import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { Link } from 'react-router';
import { CheckCircleOutlineIcon } from '../../components/icons';
import { STATE_ICONS, textColor } from '../../components/stateIcons';
import { TimeText } from '../../components/TimeText';
import type { AttentionItem } from '../../lib/api/generated/api';

const MOST = 5;

/** What needs somebody, the worst first. */
export function AttentionList({ items }: { items: AttentionItem[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? items : items.slice(0, MOST);
  return (
    <Card component="section" aria-labelledby="attention-title" sx={{ p: 2 }}>
      <Typography id="attention-title" component="h2" variant="h2" sx={{ mb: 1 }}>
        Needs attention
      </Typography>
      {items.length === 0 && <Nothing />}
      <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
        {shown.map((item) => (
          <Item key={`${item.kind} ${item.account_id ?? item.text}`} item={item} />
        ))}
      </Box>
      {items.length > MOST && (
        <Button size="small" onClick={() => setAll(!all)}>
          {all ? 'Show the worst five' : `Show all ${items.length}`}
        </Button>
      )}
    </Card>
  );
}

function Nothing() {
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, color: 'text.secondary', py: 1 }}>
      <CheckCircleOutlineIcon aria-hidden fontSize="small" />
      Nothing needs you.
    </Box>
  );
}

function Item({ item }: { item: AttentionItem }) {
  const level = item.level === 'error' ? 'error' : 'warning';
  const Icon = STATE_ICONS[level];
  return (
    <Box component="li" sx={{ display: 'flex', alignItems: 'flex-start', gap: 1.5, py: 1.25, borderTop: 1, borderColor: 'divider', '&:first-of-type': { borderTop: 0 } }}>
      <Icon titleAccess={level === 'error' ? 'Error' : 'Warning'} fontSize="small" sx={{ color: textColor(level), mt: 0.25 }} />
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Typography sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{item.text}</Typography>
        <Typography variant="body2" color="text.secondary" component="div" sx={{ overflowWrap: 'anywhere' }}>
          {item.cause}
          {item.since && (
            <>
              {' Since '}
              <TimeText at={item.since} />.
            </>
          )}
        </Typography>
      </Box>
      <Button size="small" variant="outlined" component={Link} to={item.link} sx={{ flexShrink: 0 }} aria-label={`${item.action_label}: ${item.text}`}>
        {item.action_label}
      </Button>
    </Box>
  );
}
