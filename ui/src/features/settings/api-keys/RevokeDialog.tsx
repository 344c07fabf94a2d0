import Typography from '@mui/material/Typography';
import { ConfirmDialog } from '../../../components/ConfirmDialog';
import { useChange } from '../useChange';
import type { ApiKey } from './api';
import { API_KEYS, revoke } from './api';

interface Props {
  apiKey: ApiKey;
  onClose: () => void;
}

export function RevokeDialog({ apiKey, onClose }: Props) {
  const change = useChange(API_KEYS);
  return (
    <ConfirmDialog open danger title={`Revoke the key ${apiKey.name}?`} confirmLabel="Revoke" onClose={onClose} onConfirm={() => change(() => revoke(apiKey.id))}>
      <Typography>
        The program that uses it is refused within fifteen seconds. This cannot be undone; a new key can be made at any time.
      </Typography>
    </ConfirmDialog>
  );
}
