import { useTheme } from '@mui/material/styles';

/** Colour and pattern: bars can be told apart without seeing colours. */
export function usePatternedColors() {
  const palette = useTheme().vars?.palette;
  return { plain: palette?.primary.main ?? 'blue', striped: 'url(#striped)', dotted: 'url(#dotted)' };
}

/** The definitions that `usePatternedColors` points to; a child of the chart. */
export function Patterns() {
  const palette = useTheme().vars?.palette;
  return (
    <defs>
      <pattern id="striped" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" fill={palette?.warning.main} fillOpacity={0.35} />
        <rect width="3" height="6" fill={palette?.warning.main} />
      </pattern>
      <pattern id="dotted" width="6" height="6" patternUnits="userSpaceOnUse">
        <rect width="6" height="6" fill={palette?.error.main} fillOpacity={0.35} />
        <circle cx="3" cy="3" r="2" fill={palette?.error.main} />
      </pattern>
    </defs>
  );
}
