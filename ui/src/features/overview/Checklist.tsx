import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import MuiLink from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import { CheckCircleIcon, RadioButtonUncheckedIcon } from '../../components/icons';
import type { ChecklistItem } from '../../lib/api/generated/api';
import { usePreference } from '../../lib/preferences';

/** First steps; gone when all are done, or when somebody does not want to see them. */
export function Checklist({ items }: { items: ChecklistItem[] }) {
  const [shown, setShown] = usePreference('checklist');
  const done = items.filter((item) => item.done).length;
  if (shown === 'dismissed' || done === items.length) return null;
  return (
    <Card component="section" aria-labelledby="checklist-title" sx={{ p: 2 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, mb: 0.5 }}>
        <Typography id="checklist-title" component="h2" variant="h2" sx={{ flex: 1 }}>
          First steps ({done} of {items.length})
        </Typography>
        <Button size="small" onClick={() => setShown('dismissed')}>
          Dismiss
        </Button>
      </Box>
      <Box component="ol" sx={{ m: 0, p: 0, listStyle: 'none' }}>
        {items.map((item) => (
          <Item key={item.id} item={item} />
        ))}
      </Box>
    </Card>
  );
}

function Item({ item }: { item: ChecklistItem }) {
  const Icon = item.done ? CheckCircleIcon : RadioButtonUncheckedIcon;
  return (
    <Box component="li" sx={{ display: 'flex', alignItems: 'center', gap: 1.25, py: 0.75 }}>
      <Icon titleAccess={item.done ? 'Done' : 'To do'} fontSize="small" sx={{ color: item.done ? 'success.main' : 'text.secondary' }} />
      <MuiLink component={Link} to={item.link} color={item.done ? 'text.secondary' : 'primary'}>
        {item.text}
      </MuiLink>
    </Box>
  );
}
