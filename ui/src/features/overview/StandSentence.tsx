import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import { STATE_ICONS, textColor } from '../../components/stateIcons';
import type { Sentence } from '../../lib/api/generated/api';
import type { Level, StateIcon } from '../../lib/words';

const LOOK: Record<Sentence['level'], { icon: StateIcon; level: Level; word: string }> = {
  ok: { icon: 'check', level: 'success', word: 'Good' },
  warning: { icon: 'warning', level: 'warning', word: 'Warning' },
  error: { icon: 'error', level: 'error', word: 'Error' },
};

/** How everything stands, in one sentence. */
export function StandSentence({ sentence }: { sentence: Sentence }) {
  const { icon, level, word } = LOOK[sentence.level];
  const Icon = STATE_ICONS[icon];
  return (
    <Card sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1.5, px: 2, py: 1.5 }}>
      <Icon titleAccess={word} sx={{ color: textColor(level), fontSize: 28 }} />
      <Typography component="p" variant="h2" sx={{ flex: '1 1 240px' }}>
        {sentence.text}
      </Typography>
      {sentence.link && (
        <Button variant="contained" component={Link} to={sentence.link}>
          {labelOf(sentence.link)}
        </Button>
      )}
    </Card>
  );
}

function labelOf(link: string): string {
  if (link.includes('connect=1')) return 'Connect Microsoft 365';
  return link.startsWith('/settings') ? 'Open system' : 'Show them';
}
