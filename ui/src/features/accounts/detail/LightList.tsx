import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { Light, LightsOf } from '../../../components/Lights';
import { STATE_ICONS, textColor } from '../../../components/stateIcons';
import { TimeText } from '../../../components/TimeText';
import { stateWord } from '../../../lib/words';

const LIGHTS = [
  { key: 'auth', name: 'Auth', is: 'The tokens of the account.' },
  { key: 'subscription', name: 'Subscription', is: "Microsoft's announcements of changes." },
  { key: 'intake', name: 'Intake', is: 'The announcements that reach us.' },
  { key: 'processing', name: 'Processing', is: 'Fetching and storing.' },
] as const;

/** The four lights in words: what each is about, how it stands and why, when it was looked at. */
export function LightList({ lights }: { lights: LightsOf }) {
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none', display: 'grid', gap: 1.5 }}>
      {LIGHTS.map(({ key, name, is }) => (
        <LightLine key={key} name={name} is={is} light={lights[key]} />
      ))}
    </Box>
  );
}

function LightLine({ name, is, light }: { name: string; is: string; light: Light }) {
  const state = stateWord('health', light.state);
  const Icon = STATE_ICONS[state.icon];
  return (
    <Box component="li" sx={{ display: 'flex', gap: 1.25 }}>
      <Icon aria-hidden sx={{ color: textColor(state.level) }} />
      <Box sx={{ minWidth: 0 }}>
        <Typography title={is}>
          <strong>{name}</strong>: {state.word}
        </Typography>
        <Typography variant="body2" color="text.secondary" component="div">
          {light.cause}
          {light.checked_at && (
            <>
              {' '}
              Checked <TimeText at={light.checked_at} />.
            </>
          )}
        </Typography>
      </Box>
    </Box>
  );
}
