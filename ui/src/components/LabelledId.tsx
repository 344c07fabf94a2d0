import Box from '@mui/material/Box';
import { CopyId } from './CopyId';

/** An id with its name before it, for lists of ids. */
export function LabelledId({ label, id }: { label: string; id: string }) {
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 1, alignItems: 'center', typography: 'body2' }}>
      <Box component="span" sx={{ color: 'text.secondary' }}>
        {label}
      </Box>
      <CopyId id={id} label={label} />
    </Box>
  );
}
