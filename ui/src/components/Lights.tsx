import Box from '@mui/material/Box';
import Tooltip from '@mui/material/Tooltip';
import { formatRelative } from '../lib/time';
import { stateWord } from '../lib/words';
import { STATE_ICONS, textColor } from './stateIcons';

export interface Light {
  state: 'ok' | 'warning' | 'failed' | 'off';
  cause: string;
  checked_at?: string | null | undefined;
}

export interface LightsOf {
  auth: Light;
  subscription: Light;
  intake: Light;
  processing: Light;
}

const NAMES: [keyof LightsOf, string][] = [
  ['auth', 'Auth'],
  ['subscription', 'Subscription'],
  ['intake', 'Intake'],
  ['processing', 'Processing'],
];

/** The four lights of an account in one line: one shape a state, words for screen readers and on hover. */
export function Lights({ lights }: { lights: LightsOf }) {
  return (
    <Box component="ul" aria-label="Lights" sx={{ display: 'inline-flex', gap: 0.5, m: 0, p: 0, listStyle: 'none' }}>
      {NAMES.map(([key, name]) => (
        <LightMark key={key} name={name} light={lights[key]} />
      ))}
    </Box>
  );
}

function LightMark({ name, light }: { name: string; light: Light }) {
  const state = stateWord('health', light.state);
  const Icon = STATE_ICONS[state.icon];
  const checked = light.checked_at ? ` Checked ${formatRelative(light.checked_at)}.` : '';
  return (
    <Tooltip title={`${name}: ${state.word}. ${light.cause}${checked}`}>
      <Box component="li" sx={{ display: 'inline-flex', color: textColor(state.level), lineHeight: 0 }}>
        <Icon titleAccess={`${name}: ${state.word}`} sx={{ fontSize: 18 }} />
      </Box>
    </Tooltip>
  );
}
