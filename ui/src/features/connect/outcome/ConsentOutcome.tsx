import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ErrorState, ProblemAlert } from '../../../components/ErrorState';
import { ListSkeleton } from '../../../components/Skeletons';
import { checkOrganization, organizationQuery } from '../api';
import { ORGANIZATIONS } from '../keys';
import { Finding } from '../organization/OrganizationItem';
import type { Organization } from '../types';
import type { OutcomeProps } from './OutcomeDialog';

interface Props extends OutcomeProps {
  outcome: { organizationId: string; granted: boolean; missing: string[] };
}

/** An administrator was at Microsoft's page. What counts is what Microsoft tells the service, not the address. */
export function ConsentOutcome({ outcome, titleId, close, goOn }: Props) {
  const cache = useQueryClient();
  const organization = useQuery(organizationQuery(outcome.organizationId));
  const check = useMutation({
    mutationFn: () => checkOrganization(outcome.organizationId),
    onSuccess: () => cache.invalidateQueries({ queryKey: ORGANIZATIONS }),
  });
  const found = organization.data;
  const granted = found?.status === 'granted';
  return (
    <>
      <DialogTitle id={titleId} sx={{ overflowWrap: 'anywhere' }}>
        {title(found)}
      </DialogTitle>
      <DialogContent>
        {organization.isPending && <ListSkeleton rows={2} label="Loading the organisation" />}
        {organization.isError && !found && (
          <ErrorState title="The organisation could not be loaded." error={organization.error} onRetry={() => organization.refetch()} />
        )}
        {granted && <Alert severity="success">Microsoft gives tokens for this organisation. Its mailboxes can be connected now.</Alert>}
        {found && !granted && (
          <Alert severity="warning">
            Microsoft does not confirm the approval yet. It can take a minute; check again then. If it stays so, approve again
            with an administrator of that organisation.
          </Alert>
        )}
        {found && <Finding organization={found} />}
        <ProblemAlert error={check.error} />
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2, flexWrap: 'wrap', gap: 1 }}>
        <Button onClick={close}>Close</Button>
        {granted && <Button onClick={() => goOn('mailbox')}>Connect one by its owner</Button>}
        {granted && (
          <Button variant="contained" onClick={() => goOn('organization', { org: outcome.organizationId })}>
            Choose mailboxes
          </Button>
        )}
        {found && !granted && (
          <Button variant="contained" loading={check.isPending} onClick={() => check.mutate()}>
            Check again
          </Button>
        )}
      </DialogActions>
    </>
  );
}

function title(organization: Organization | undefined): string {
  if (organization === undefined) return 'Admin consent';
  const name = organization.display_name || 'The organisation';
  return organization.status === 'granted' ? `${name} approved the app` : `${name} has not approved the app yet`;
}
