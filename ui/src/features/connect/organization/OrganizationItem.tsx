import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import ListItem from '@mui/material/ListItem';
import Typography from '@mui/material/Typography';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CheckCircleIcon, ErrorIcon, HourglassBottomIcon } from '../../../components/icons';
import { CopyId } from '../../../components/CopyId';
import { ProblemAlert } from '../../../components/ErrorState';
import { checkOrganization } from '../api';
import { useConnect } from '../connectContext';
import { ORGANIZATIONS } from '../keys';
import type { Organization } from '../types';

const STATES = {
  granted: { label: 'Approved', color: 'success', icon: <CheckCircleIcon /> },
  pending: { label: 'Not confirmed yet', color: 'info', icon: <HourglassBottomIcon /> },
  refused: { label: 'Approval withdrawn', color: 'error', icon: <ErrorIcon /> },
} as const;

/** An organisation, how its approval stands, and the step that comes next. */
export function OrganizationItem({ organization }: { organization: Organization }) {
  const { go } = useConnect();
  const cache = useQueryClient();
  const check = useMutation({
    mutationFn: () => checkOrganization(organization.id),
    onSuccess: () => cache.invalidateQueries({ queryKey: ORGANIZATIONS }),
  });
  const name = organization.display_name || 'Name not known';
  const state = STATES[organization.status];
  return (
    <ListItem divider disableGutters sx={{ flexDirection: 'column', alignItems: 'stretch', gap: 1 }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
        <Box sx={{ flex: 1, minWidth: 200 }}>
          <Typography sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>
            <bdi>{name}</bdi>
          </Typography>
          <CopyId id={organization.external_tenant_id} label={`directory ID of ${name}`} />
        </Box>
        <Chip size="small" variant="outlined" color={state.color} icon={state.icon} label={state.label} />
        {organization.status === 'granted' ? (
          <Button variant="contained" onClick={() => go('organization', { org: organization.id })} aria-label={`Choose mailboxes of ${name}`}>
            Choose mailboxes
          </Button>
        ) : (
          <Button variant="outlined" onClick={() => check.mutate()} loading={check.isPending} aria-label={`Check ${name} again`}>
            Check again
          </Button>
        )}
      </Box>
      <Finding organization={organization} />
      <ProblemAlert error={check.error} />
    </ListItem>
  );
}

/** What is missing, or why Microsoft gave no token. */
export function Finding({ organization }: { organization: Organization }) {
  const { missing, last_error: failure, status } = organization;
  return (
    <>
      {missing.length > 0 && (
        <Typography variant="body2">
          Not approved: <code>{missing.join(', ')}</code>.{' '}
          {missing.includes('User.Read.All') && 'Without User.Read.All mailboxes cannot be listed: type their addresses.'}
        </Typography>
      )}
      {status !== 'granted' && failure && (
        <Typography variant="body2">
          {failure.words.cause} {failure.words.action}
        </Typography>
      )}
    </>
  );
}
