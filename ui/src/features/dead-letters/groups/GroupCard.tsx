import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import CardActions from '@mui/material/CardActions';
import CardContent from '@mui/material/CardContent';
import Typography from '@mui/material/Typography';
import { TimeText } from '../../../components/TimeText';
import type { DeadLetterGroup } from '../types';
import { TestOne } from './TestOne';

interface Props {
  group: DeadLetterGroup;
  chosen: boolean;
  onShow: () => void;
  onReplay: () => void;
  onDiscard: () => void;
}

/** One cause: what it means, what to do, and the ways to find out whether it is mended. */
export function GroupCard({ group, chosen, onShow, onReplay, onDiscard }: Props) {
  const all = group.count === 1 ? 'it' : `all ${group.count.toLocaleString('en')}`;
  return (
    <Card
      component="li"
      variant="outlined"
      data-reason={group.reason}
      sx={{ display: 'flex', flexDirection: 'column', ...(chosen && { borderColor: 'primary.main', borderWidth: 2 }) }}
    >
      <CardContent sx={{ flex: 1, pb: 0 }}>
        <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'baseline' }}>
          <Typography component="span" variant="h2" sx={{ fontVariantNumeric: 'tabular-nums' }}>
            {group.count.toLocaleString('en')}
          </Typography>
          <Typography component="h2" sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>
            {group.words.meaning}
          </Typography>
        </Box>
        <Typography variant="body2" color="text.secondary" component="div" sx={{ mt: 0.5 }}>
          <code>{group.reason}</code>, {group.accounts === 1 ? '1 account' : `${group.accounts} accounts`}, since{' '}
          <TimeText at={group.first_at} />, last <TimeText at={group.last_at} />
        </Typography>
        <Typography variant="body2" sx={{ mt: 1 }}>
          {group.words.fix}
        </Typography>
      </CardContent>
      <CardActions sx={{ flexWrap: 'wrap', gap: 0.5, px: 2, pb: 1.5, '& > :not(style)': { ml: 0 } }}>
        <TestOne reason={group.reason} />
        <Button size="small" onClick={onReplay}>
          Replay {all}
        </Button>
        <Button size="small" color="error" onClick={onDiscard}>
          Discard {all}
        </Button>
        <Button size="small" onClick={onShow} aria-pressed={chosen}>
          {chosen ? 'Show all causes' : 'Show in the list'}
        </Button>
      </CardActions>
    </Card>
  );
}
