import type { Theme } from '@mui/material/styles';
import { createTheme } from '@mui/material/styles';
// oxlint-disable-next-line import/no-empty-named-blocks, unicorn/require-module-specifiers -- only its types are wanted
import type {} from '@mui/x-data-grid/themeAugmentation';

const FONT = "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif";
const FORCED = '@media (forced-colors: active)';
const edge = { [FORCED]: { border: '1px solid ButtonText' } };

/** The whole look of the console. Colours of states pass WCAG AA as outlined chips too, which Material's own do not. */
export function createConsoleTheme(nonce?: string): Theme {
  return createTheme({
    cssVariables: { colorSchemeSelector: 'class' },
    colorSchemes: { light: { palette: light }, dark: { palette: dark } },
    typography: {
      fontFamily: FONT,
      fontSize: 14,
      h1: { fontSize: '1.5rem', fontWeight: 650, lineHeight: 1.3, letterSpacing: '-0.01em' },
      h2: { fontSize: '1.125rem', fontWeight: 650, lineHeight: 1.4 },
      h3: { fontSize: '1rem', fontWeight: 650, lineHeight: 1.4 },
      button: { textTransform: 'none', fontWeight: 600 },
    },
    shape: { borderRadius: 8 },
    components: components(nonce),
  });
}

const light = {
  primary: { main: '#1f5fbf' },
  info: { main: '#0b5c8a' },
  success: { main: '#1b6e3c' },
  warning: { main: '#8a5300' },
  error: { main: '#b3261e' },
  secondary: { main: '#6a3fb5' },
  background: { default: '#f6f7fa', paper: '#ffffff' },
  divider: '#dfe3eb',
  text: { primary: '#1a2130', secondary: '#525c6f' },
};

const dark = {
  primary: { main: '#8db4f5' },
  info: { main: '#7cc7ee' },
  success: { main: '#7fd69c' },
  warning: { main: '#f0b35e' },
  error: { main: '#ff9d94' },
  secondary: { main: '#c4a8f5' },
  background: { default: '#11151d', paper: '#1a202b' },
  divider: '#333c4b',
  text: { primary: '#eceff5', secondary: '#a9b3c4' },
};

function components(nonce: string | undefined): NonNullable<Parameters<typeof createTheme>[0]>['components'] {
  return {
    MuiCssBaseline: { styleOverrides: baseline },
    MuiButton: { defaultProps: { disableElevation: true }, styleOverrides: { contained: edge } },
    MuiPaper: { defaultProps: { elevation: 0 }, styleOverrides: { root: { backgroundImage: 'none', ...edge } } },
    MuiCard: { defaultProps: { variant: 'outlined' } },
    MuiDialog: { styleOverrides: { paper: { [FORCED]: { border: '2px solid CanvasText' } } } },
    MuiDrawer: { styleOverrides: { paper: { [FORCED]: { border: '2px solid CanvasText' } } } },
    MuiListItemButton: {
      styleOverrides: { root: { '&.Mui-selected': { [FORCED]: { outline: '2px solid Highlight', outlineOffset: -2 } } } },
    },
    MuiToggleButton: { styleOverrides: { root: { color: 'var(--mui-palette-text-secondary)', '&.Mui-selected': { [FORCED]: { outline: '2px solid Highlight' } } } } },
    MuiTab: { styleOverrides: { root: { minHeight: 44, '&.Mui-selected': { [FORCED]: { textDecoration: 'underline' } } } } },
    MuiChip: { styleOverrides: { root: { fontWeight: 550, ...edge } } },
    MuiTextField: { defaultProps: { size: 'small' } },
    MuiFormControl: { defaultProps: { size: 'small' } },
    MuiSelect: { defaultProps: { size: 'small' } },
    MuiTooltip: { defaultProps: { enterDelay: 250, enterNextDelay: 100, describeChild: true } },
    MuiLink: { defaultProps: { underline: 'hover' } },
    // Without the nonce the grid silently loses its borders and fonts.
    MuiDataGrid: { defaultProps: nonce === undefined ? {} : { nonce } },
  };
}

const baseline = {
  ':focus-visible': { outlineOffset: 2 },
  'code, pre, kbd': { fontFamily: "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace", fontSize: '0.92em' },
  // None at all: a very short duration would hand inherited colours down one frame for each level of the page.
  '@media (prefers-reduced-motion: reduce)': {
    '*, *::before, *::after': { transition: 'none !important', animationDuration: '0.01ms !important' },
  },
};
