import Box from '@mui/material/Box';
import CircularProgress from '@mui/material/CircularProgress';
import { Delayed } from '../components/Skeletons';

export function SplashSkeleton() {
  return (
    <Box role="status" aria-label="Loading Flovify" sx={{ display: 'grid', placeItems: 'center', minHeight: '60dvh', flex: 1 }}>
      <Delayed>
        <CircularProgress aria-hidden />
      </Delayed>
    </Box>
  );
}
