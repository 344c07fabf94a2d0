import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { ArrowUpwardIcon } from './icons';

interface Props {
  count: number;
  onShow: () => void;
}

/** New rows wait above the list until somebody asks: they never move what is being read. */
export function NewRowsBar({ count, onShow }: Props) {
  return (
    <Box role="status">
      {count > 0 && (
        <Button fullWidth size="small" variant="contained" color="info" startIcon={<ArrowUpwardIcon />} onClick={onShow} sx={{ borderRadius: 0 }}>
          {count} new - show
        </Button>
      )}
    </Box>
  );
}
