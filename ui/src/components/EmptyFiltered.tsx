import Button from '@mui/material/Button';
import { SearchOffIcon } from './icons';
import { EmptyState } from './EmptyState';

/** The list has rows, but the filters leave none. */
export function EmptyFiltered({ text, onClear }: { text: string; onClear: () => void }) {
  return (
    <EmptyState
      icon={SearchOffIcon}
      title={text}
      actions={
        <Button variant="outlined" onClick={onClear}>
          Clear filters
        </Button>
      }
    />
  );
}
