import Button from '@mui/material/Button';
import Divider from '@mui/material/Divider';
import List from '@mui/material/List';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorState } from '../../../components/ErrorState';
import { ListSkeleton } from '../../../components/Skeletons';
import { organizationsQuery } from '../api';
import { useConnect } from '../connectContext';
import { WayFrame } from '../WayFrame';
import { AddOrganization } from './AddOrganization';
import { OrganizationItem } from './OrganizationItem';

/** The organisations that approved the app, or may have. */
export function ChooseOrganization() {
  const { go } = useConnect();
  const known = useQuery(organizationsQuery);
  return (
    <WayFrame title="Mailboxes of an organisation" onBack={() => go('choose')}>
      <Typography>
        Works where an administrator approved the application permissions Mail.Read and User.Read.All. Nobody signs in, no
        refresh token is kept, and shared mailboxes can be connected too.
      </Typography>
      {known.isPending && <ListSkeleton rows={2} label="Loading the organisations" />}
      {known.isError && !known.data && (
        <ErrorState title="The organisations could not be loaded." error={known.error} onRetry={() => known.refetch()} />
      )}
      {known.data?.items.length === 0 && (
        <EmptyState
          title="No organisation has approved the app yet."
          actions={
            <Button variant="contained" onClick={() => go('consent')}>
              Ask for admin consent
            </Button>
          }
        >
          An administrator of the organisation does it once; then its mailboxes can be chosen here.
        </EmptyState>
      )}
      {known.data && known.data.items.length > 0 && (
        <List aria-label="Organisations" disablePadding>
          {known.data.items.map((organization) => (
            <OrganizationItem key={organization.id} organization={organization} />
          ))}
        </List>
      )}
      <Divider />
      <AddOrganization />
    </WayFrame>
  );
}
