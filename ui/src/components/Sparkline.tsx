import Box from '@mui/material/Box';

interface Props {
  values: readonly number[];
  /** What the numbers are: "Messages in the last 24 hours". */
  label: string;
  width?: number;
  height?: number;
}

/** A small bar each value: the shape of a day, in words for those who cannot see it. */
export function Sparkline({ values, label, width = 96, height = 24 }: Props) {
  const most = Math.max(...values, 0);
  const step = width / Math.max(values.length, 1);
  const total = values.reduce((sum, value) => sum + value, 0);
  return (
    <Box component="span" sx={{ display: 'inline-flex', color: 'primary.main' }}>
      <svg width={width} height={height} role="img" aria-label={`${label}: ${total.toLocaleString('en')} in all, at most ${most.toLocaleString('en')}`}>
        <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} stroke="currentColor" strokeOpacity={0.35} />
        {values.map((value, index) => (
          <Bar key={index} x={index * step} width={Math.max(step - 1, 1)} share={most === 0 ? 0 : value / most} height={height} />
        ))}
      </svg>
    </Box>
  );
}

function Bar({ x, width, share, height }: { x: number; width: number; share: number; height: number }) {
  if (share === 0) return null;
  const tall = Math.max(2, share * (height - 1));
  return <rect x={x} y={height - tall} width={width} height={tall} fill="currentColor" rx={0.5} />;
}
