import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { Section } from '../Section';
import type { SandboxMailbox, SandboxState } from '../types';
import { ActiveBreakages } from './ActiveBreakages';
import { BreakageCard } from './BreakageCard';

/** What is broken now, and what can be broken; each says what will happen. */
export function Breakages({ sandbox }: { sandbox: SandboxState }) {
  const connected = sandbox.mailboxes.filter((one) => one.tenant_id !== null);
  const [chosen, setChosen] = useState('');
  const account = connected.some((one) => one.tenant_id === chosen) ? chosen : (connected[0]?.tenant_id ?? null);
  return (
    <Section title="Break something">
      <ActiveBreakages breakages={sandbox.breakages} mailboxes={sandbox.mailboxes} />
      <WhichAccount connected={connected} value={account} onChange={setChosen} />
      <Box component="ul" sx={{ listStyle: 'none', m: 0, mt: 1.5, p: 0, display: 'grid', gap: 1.5, gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 280px), 1fr))' }}>
        {sandbox.kinds.map((kind) => (
          <BreakageCard
            key={kind.kind}
            kind={kind}
            accountId={kind.needs_account ? account : null}
            isBroken={sandbox.breakages.some((one) => one.kind === kind.kind && (!kind.needs_account || one.account_id === account))}
          />
        ))}
      </Box>
    </Section>
  );
}

interface WhichProps {
  connected: SandboxMailbox[];
  value: string | null;
  onChange: (id: string) => void;
}

function WhichAccount({ connected, value, onChange }: WhichProps) {
  if (connected.length === 0) {
    return (
      <Typography variant="body2" color="text.secondary">
        Connect one of the mailboxes first; then there is something to break.
      </Typography>
    );
  }
  return (
    <TextField select size="small" fullWidth sx={{ mt: 1 }} label="Of this account" value={value ?? ''} onChange={(event) => onChange(event.target.value)}>
      {connected.map((one) => (
        <MenuItem key={one.address} value={one.tenant_id ?? ''}>
          {one.address}
        </MenuItem>
      ))}
    </TextField>
  );
}
