import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useState } from 'react';
import { SendIcon } from '../../../components/icons';
import { ProblemAlert } from '../../../components/ErrorState';
import { Needs } from '../../../lib/role';
import { Section } from '../Section';
import { send } from '../api';
import type { SandboxMailbox } from '../types';
import { SentMessage } from './SentMessage';

interface Props {
  mailboxes: SandboxMailbox[];
}

const NOTHING = { subject: '', text: '', attachment: false };
const LONGEST_SUBJECT = 500;
const LONGEST_TEXT = 100_000;

/** A message from outside, and its way while it is taken. */
export function SendMessage({ mailboxes }: Props) {
  const [address, setAddress] = useState('');
  const [wanted, setWanted] = useState(NOTHING);
  const sending = useMutation({ mutationFn: send });
  const to = address || usualAddress(mailboxes);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sending.mutate({ address: to, ...wanted });
  };
  return (
    <Section title="Send a test message">
      <Stack component="form" spacing={1.5} onSubmit={submit}>
        <TextField select size="small" label="To" value={to} onChange={(event) => setAddress(event.target.value)}>
          {mailboxes.map((one) => (
            <MenuItem key={one.address} value={one.address}>
              {one.address}
              {one.tenant_id === null && ' (not connected)'}
            </MenuItem>
          ))}
        </TextField>
        <TextField
          size="small"
          label="Subject"
          placeholder="Test message"
          value={wanted.subject}
          onChange={(event) => setWanted({ ...wanted, subject: event.target.value })}
          slotProps={{ htmlInput: { maxLength: LONGEST_SUBJECT } }}
        />
        <TextField
          size="small"
          label="Text"
          multiline
          minRows={2}
          maxRows={8}
          value={wanted.text}
          onChange={(event) => setWanted({ ...wanted, text: event.target.value })}
          slotProps={{ htmlInput: { maxLength: LONGEST_TEXT } }}
        />
        <FormControlLabel
          control={<Checkbox checked={wanted.attachment} onChange={(_event, on) => setWanted({ ...wanted, attachment: on })} />}
          label="With an attachment"
        />
        <Needs role="operator">
          <Button type="submit" variant="contained" color="secondary" startIcon={<SendIcon />} loading={sending.isPending} disabled={to === ''}>
            Send message
          </Button>
        </Needs>
      </Stack>
      <ProblemAlert error={sending.error} prefix="The message was not sent." />
      {sending.data && <SentMessage key={sending.data.id} sent={sending.data} connected={isConnected(mailboxes, sending.variables?.address)} />}
    </Section>
  );
}

/** The first mailbox that is connected: a message to another one would be seen nowhere. */
function usualAddress(mailboxes: SandboxMailbox[]): string {
  const connected = mailboxes.find((one) => one.tenant_id !== null);
  return (connected ?? mailboxes[0])?.address ?? '';
}

function isConnected(mailboxes: SandboxMailbox[], address: string | undefined): boolean {
  return mailboxes.some((one) => one.address === address && one.tenant_id !== null);
}
