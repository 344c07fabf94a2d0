import Chip from '@mui/material/Chip';
import { STATE_ICONS, chipColor } from '../../../components/stateIcons';
import type { Warning } from '../types';
import { expiryWord } from './expiry';

export function ExpiryChip({ warning, days }: { warning: Warning; days: number | null }) {
  const { word, level, icon } = expiryWord(warning, days);
  const Icon = STATE_ICONS[icon];
  return <Chip size="small" variant="outlined" color={chipColor(level)} icon={<Icon aria-hidden />} label={word} data-status={warning} />;
}
