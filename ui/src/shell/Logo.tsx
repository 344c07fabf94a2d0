import Box from '@mui/material/Box';

export function Logo() {
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.25, px: 2.5, height: 56, fontWeight: 700, fontSize: 17, letterSpacing: '-0.01em' }}>
      <img src="/icon.svg" alt="" width={26} height={26} />
      Flovify
    </Box>
  );
}
