import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import type { Chosen, DeadLetterFilters } from '../filters';
import { NO_FILTERS, selector } from '../filters';
import { isFiltered } from '../../../lib/urlState';
import { count } from '../replay/PreviewText';

interface Props {
  filters: DeadLetterFilters;
  selected: string[];
  shown: number;
  onReplay: (chosen: Chosen) => void;
  onDiscard: (chosen: Chosen) => void;
}

/** What can be done with the chosen rows, or with all that match. */
export function SelectionBar({ filters, selected, shown, onReplay, onDiscard }: Props) {
  if (shown === 0) return null;
  const possible = selected.length > 0 || filters.q.trim() === '';
  const what = selected.length > 0 ? `${count(selected.length)} selected` : 'None selected';
  const verb = selected.length > 0 ? 'selected' : allWords(filters);
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1, mb: 1 }}>
      <Typography variant="body2" color="text.secondary" role="status">
        {what}
      </Typography>
      {possible && (
        <>
          <Button size="small" variant="outlined" onClick={() => onReplay(chosenOf(filters, selected))}>
            Replay {verb}
          </Button>
          <Button size="small" color="error" onClick={() => onDiscard(chosenOf(filters, selected))}>
            Discard {verb}
          </Button>
        </>
      )}
    </Box>
  );
}

function allWords(filters: DeadLetterFilters): string {
  return isFiltered(filters, NO_FILTERS) ? 'all that match' : 'all';
}

/** The rows by id; without any, all that match. A replay knows no search text, so with one only rows can be chosen. */
function chosenOf(filters: DeadLetterFilters, selected: string[]): Chosen {
  return selected.length > 0 ? { ids: selected } : { filter: selector(filters, new Date()) };
}
