import Typography from '@mui/material/Typography';
import { OneTimeDialog } from '../OneTimeDialog';
import type { MadeApiKey } from './api';
import { exampleCall } from './words';

interface Props {
  made: MadeApiKey;
  onClose: () => void;
}

/** A key, and how a program sends it. */
export function MadeKeyDialog({ made, onClose }: Props) {
  return (
    <OneTimeDialog
      title={`Key for ${made.api_key.name}`}
      warning="This key is shown only now. Keep it where the program keeps its secrets."
      label="API key"
      value={made.key}
      copyLabel="Copy the key"
      onClose={onClose}
    >
      <Typography component="div" variant="body2" color="text.secondary" sx={{ mt: 2 }}>
        Programs send it as <code>Authorization: Bearer flv_…</code>, for instance:
      </Typography>
      <Typography component="pre" variant="body2" tabIndex={0} sx={{ overflowX: 'auto', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', m: 0, mt: 1 }}>
        {exampleCall(location.origin, made.api_key)}
      </Typography>
    </OneTimeDialog>
  );
}
