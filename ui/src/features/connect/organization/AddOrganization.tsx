import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useState } from 'react';
import { ProblemAlert } from '../../../components/ErrorState';
import { addOrganization } from '../api';
import { useConnect } from '../connectContext';
import { RegistrationField } from '../FlowOptions';
import { ORGANIZATIONS } from '../keys';

/** For an organisation that approved the app elsewhere, such as in its own Entra admin center. */
export function AddOrganization() {
  const { registration, go } = useConnect();
  const [registrationId, setRegistrationId] = useState(registration);
  const [directoryId, setDirectoryId] = useState('');
  const cache = useQueryClient();
  const add = useMutation({
    mutationFn: () => addOrganization(directoryId.trim(), registrationId),
    onSuccess: async (added) => {
      setDirectoryId('');
      await cache.invalidateQueries({ queryKey: ORGANIZATIONS });
      if (added.status === 'granted') go('organization', { org: added.id });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Box component="form" onSubmit={submit} aria-label="Add an organisation" sx={{ display: 'grid', gap: 1.5 }}>
      <Typography variant="h3" component="h3">
        Approved elsewhere
      </Typography>
      <RegistrationField value={registrationId} onChange={setRegistrationId} />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'flex-start' }}>
        <TextField
          required
          label="Directory (tenant) ID"
          value={directoryId}
          onChange={(event) => setDirectoryId(event.target.value)}
          helperText="In Entra under Overview. Flovify asks Microsoft whether the app is approved there."
          autoComplete="off"
          sx={{ flex: 1, minWidth: 240 }}
        />
        <Button type="submit" variant="outlined" loading={add.isPending}>
          Look
        </Button>
      </Box>
      {add.data && add.data.status !== 'granted' && (
        <Typography variant="body2" role="status">
          It is in the list above, but Microsoft does not confirm an approval.
        </Typography>
      )}
      <ProblemAlert error={add.error} />
    </Box>
  );
}
