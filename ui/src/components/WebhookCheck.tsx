import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemIcon from '@mui/material/ListItemIcon';
import ListItemText from '@mui/material/ListItemText';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { checkWebhook } from '../lib/api/generated/api';
import type { WebhookCheck as Checked, WebhookStep } from '../lib/api/generated/api';
import { Needs } from '../lib/role';
import { formatDuration } from '../lib/time';
import { ProblemAlert } from './ErrorState';
import { STATE_ICONS, textColor } from './stateIcons';

const NAMES: Record<WebhookStep['name'], string> = {
  dns: 'The name has an address (DNS)',
  connection: 'The address accepts a connection',
  tls: 'The certificate is valid (TLS)',
  answer: 'Flovify answers as Microsoft needs it',
};

/** Asks our own webhook's address as Microsoft would, and shows how far that came. */
export function WebhookCheck({ onChecked }: { onChecked?: (ok: boolean) => void }) {
  const client = useQueryClient();
  const check = useMutation({
    mutationFn: async () => (await checkWebhook({ throwOnError: true })).data,
    onSuccess: (outcome) => {
      onChecked?.(outcome.ok);
      void client.invalidateQueries({ queryKey: ['api', 'system'] });
      void client.invalidateQueries({ queryKey: ['api', 'overview'] });
    },
  });
  return (
    <Box>
      <Needs role="operator">
        <Button variant="outlined" onClick={() => check.mutate()} loading={check.isPending}>
          {check.data ? 'Check again' : 'Check the address'}
        </Button>
      </Needs>
      <ProblemAlert error={check.error} prefix="The address could not be checked." />
      {check.data && <Outcome checked={check.data} />}
    </Box>
  );
}

function Outcome({ checked }: { checked: Checked }) {
  return (
    <Box sx={{ mt: 1 }}>
      <Alert severity={checked.ok ? 'success' : 'error'}>{checked.detail}</Alert>
      <List dense aria-label="Steps of the check">
        {checked.steps.map((step) => (
          <Step key={step.name} step={step} />
        ))}
      </List>
    </Box>
  );
}

const LOOK = {
  ok: { Icon: STATE_ICONS.check, color: textColor('success'), word: 'Good' },
  failed: { Icon: STATE_ICONS.error, color: textColor('error'), word: 'Failed' },
  skipped: { Icon: STATE_ICONS.skip, color: textColor('neutral'), word: 'Not reached' },
};

function Step({ step }: { step: WebhookStep }) {
  const { Icon, color, word } = LOOK[step.state];
  const took = step.state === 'skipped' ? '' : ` · ${formatDuration(step.ms)}`;
  return (
    <ListItem disableGutters sx={{ alignItems: 'flex-start' }}>
      <ListItemIcon sx={{ minWidth: 32, mt: 0.5, color }}>
        <Icon titleAccess={word} fontSize="small" />
      </ListItemIcon>
      <ListItemText primary={`${NAMES[step.name]}${took}`} secondary={step.detail} />
    </ListItem>
  );
}
