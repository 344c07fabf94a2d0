import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import type { Period } from './api';
import { PERIODS } from './api';

export function PeriodChoice({ period, onPeriod }: { period: Period; onPeriod: (period: Period) => void }) {
  const chosen = (next: Period | null) => {
    if (next !== null) onPeriod(next);
  };
  return (
    <ToggleButtonGroup exclusive size="small" value={period} onChange={(_, next: Period | null) => chosen(next)} aria-label="Period of the charts">
      {Object.entries(PERIODS).map(([name, label]) => (
        <ToggleButton key={name} value={name} sx={{ px: 1.5 }}>
          {label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
