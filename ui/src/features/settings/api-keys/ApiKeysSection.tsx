import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorState } from '../../../components/ErrorState';
import { KeyIcon } from '../../../components/icons';
import { ListSkeleton } from '../../../components/Skeletons';
import { StaleBar, staleSince } from '../../../components/StaleBar';
import { NeedsRole } from '../NeedsRole';
import type { ApiKey, MadeApiKey } from './api';
import { apiKeysQuery } from './api';
import { ApiKeyTable } from './ApiKeyTable';
import { MadeKeyDialog } from './MadeKeyDialog';
import { NewKeyDialog } from './NewKeyDialog';
import { RevokeDialog } from './RevokeDialog';

export function ApiKeysSection() {
  return (
    <NeedsRole role="administrator" what="API keys">
      <ApiKeys />
    </NeedsRole>
  );
}

/** By what programs use the api. */
function ApiKeys() {
  const keys = useQuery(apiKeysQuery);
  const [asks, setAsks] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  // Held here and nowhere else: gone with the dialog.
  const [made, setMade] = useState<MadeApiKey | null>(null);
  return (
    <>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 2, mb: 2 }}>
        <Typography color="text.secondary" sx={{ flex: '1 1 320px' }}>
          Programs such as n8n read messages by a key, which opens what its scopes name and nothing else.
        </Typography>
        <Button variant="contained" startIcon={<KeyIcon />} onClick={() => setAsks(true)}>
          Make a key
        </Button>
      </Box>
      {keys.isPending && <ListSkeleton label="Loading the keys" />}
      {keys.isError && !keys.data && <ErrorState title="API keys could not be loaded." error={keys.error} onRetry={() => void keys.refetch()} />}
      <StaleBar since={staleSince(keys)} onRetry={() => void keys.refetch()} />
      {keys.data?.items.length === 0 && <EmptyState title="No API keys yet.">Make one for each program, so that each can be ended alone.</EmptyState>}
      {keys.data && keys.data.items.length > 0 && <ApiKeyTable keys={keys.data.items} onRevoke={setRevoking} />}
      {asks && <NewKeyDialog onClose={() => setAsks(false)} onMade={setMade} />}
      {made && <MadeKeyDialog made={made} onClose={() => setMade(null)} />}
      {revoking && <RevokeDialog apiKey={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}
