import Checkbox from '@mui/material/Checkbox';
import FormControl from '@mui/material/FormControl';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormLabel from '@mui/material/FormLabel';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '../../../components/ConfirmDialog';
import { useToast } from '../../../components/toast';
import { ApiProblem } from '../../../lib/api/client';
import { disconnect } from '../api';
import { WhatHappens } from './WhatHappens';
import type { Acting } from './kinds';

interface Props {
  account: Acting;
  onClose: () => void;
  onDisconnected: (() => void) | undefined;
}

/** Asks for the name, and whether the stored mail is kept. */
export function DisconnectDialog({ account, onClose, onDisconnected }: Props) {
  const cache = useQueryClient();
  const toast = useToast();
  const [mail, setMail] = useState<'keep' | 'delete'>('keep');
  const [force, setForce] = useState(false);
  const [wasRefused, setWasRefused] = useState(false);
  const { account_email: email } = account;
  const confirm = async () => {
    try {
      await disconnect(account.id, { deleteMessages: mail === 'delete', force });
    } catch (error) {
      setWasRefused(error instanceof ApiProblem && error.status >= 500);
      throw error;
    }
    toast({ text: `${email} is disconnected. ${mail === 'keep' ? 'Its mail stays here.' : 'Its mail is being deleted here, in the background.'}` });
    onDisconnected?.();
    await cache.invalidateQueries();
  };
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Disconnect ${email}?`}
      confirmLabel="Disconnect"
      level="type-the-name"
      name={email}
      onConfirm={confirm}
    >
      <WhatHappens account={account} />
      <FormControl sx={{ mt: 2 }}>
        <FormLabel id="stored-mail">Mail that is stored here</FormLabel>
        <RadioGroup aria-labelledby="stored-mail" value={mail} onChange={(_, chosen) => setMail(chosen as typeof mail)}>
          <FormControlLabel value="keep" control={<Radio />} label="Keep it" />
          <FormControlLabel value="delete" control={<Radio />} label="Delete it. That goes on in the background, and cannot be undone" />
        </RadioGroup>
      </FormControl>
      {(wasRefused || force) && (
        <FormControlLabel
          control={<Checkbox checked={force} onChange={(_, checked) => setForce(checked)} />}
          label="Disconnect although Microsoft does not answer. Its subscriptions then end by themselves within seven days"
        />
      )}
    </ConfirmDialog>
  );
}
