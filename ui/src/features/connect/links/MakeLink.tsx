import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useState } from 'react';
import { ProblemAlert } from '../../../components/ErrorState';
import { makeLink } from '../api';
import { POLLED, SubscribeField } from '../FlowOptions';
import { LINKS } from '../keys';
import type { ConnectLink } from '../types';
import { MadeLinkNote } from './MadeLinkNote';

const VALIDITIES = [
  { hours: 24, label: 'One day' },
  { hours: 72, label: 'Three days' },
  { hours: 168, label: 'A week' },
];

interface Props {
  purpose: ConnectLink['purpose'];
  registrationId?: string;
  /** The account that is to be connected again. */
  tenantId?: string;
  /** The mailbox is one that is shared with whoever opens the link. */
  shared?: boolean;
}

/** Makes a link for somebody without an account here, and shows its address the one time it is told. */
export function MakeLink({ purpose, registrationId = '', tenantId, shared = false }: Props) {
  const [address, setAddress] = useState('');
  const [hours, setHours] = useState(72);
  const [subscribe, setSubscribe] = useState(true);
  const cache = useQueryClient();
  const isNew = purpose === 'mailbox' && tenantId === undefined;
  const link = useMutation({
    mutationFn: () =>
      makeLink({
        purpose,
        login_hint: shared ? '' : address.trim(),
        mailbox: shared ? address.trim() : '',
        registration_id: registrationId || null,
        tenant_id: tenantId ?? null,
        expires_in_hours: hours,
        subscribe: isNew && subscribe ? 'inbox' : null,
      }),
    onSuccess: () => cache.invalidateQueries({ queryKey: LINKS }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    link.mutate();
  };
  return (
    <form onSubmit={submit} aria-label="New link">
      <Stack spacing={1.5}>
        <Stack direction={{ xs: 'column', sm: 'row' }} spacing={1.5}>
          {isNew && (
            <TextField
              label={shared ? 'Address of the shared mailbox' : 'Address of the mailbox'}
              type="email"
              required={shared}
              value={address}
              onChange={(event) => setAddress(event.target.value)}
              helperText={shared ? 'Its main address, such as sales@contoso.com.' : "Optional: filled in on Microsoft's page."}
              autoComplete="off"
              sx={{ flex: 1 }}
            />
          )}
          <TextField select label="Works for" value={hours} onChange={(event) => setHours(Number(event.target.value))} sx={{ minWidth: 140 }}>
            {VALIDITIES.map((one) => (
              <MenuItem key={one.hours} value={one.hours}>
                {one.label}
              </MenuItem>
            ))}
          </TextField>
        </Stack>
        {isNew && <SubscribeField checked={subscribe} onChange={setSubscribe} {...(shared && { help: POLLED })} />}
        <ProblemAlert error={link.error} />
        <Button type="submit" variant="outlined" loading={link.isPending} sx={{ alignSelf: 'flex-start' }}>
          {link.data ? 'Create another link' : 'Create link'}
        </Button>
        {link.data && <MadeLinkNote link={link.data} />}
      </Stack>
    </form>
  );
}
