import Box from '@mui/material/Box';
import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { ErrorState } from '../../../components/ErrorState';
import { CardSkeleton } from '../../../components/Skeletons';
import { StaleBar, staleSince } from '../../../components/StaleBar';
import { apiSystemQuery, authSystemQuery } from '../api';
import { NeedsRole } from '../NeedsRole';
import { ApiPart } from './ApiPart';
import { AuthPart } from './AuthPart';
import { TasksPanel } from './TasksPanel';

const REFRESH = 15_000;

export function SystemSection() {
  return (
    <NeedsRole role="operator" what="The state of the services">
      <System />
    </NeedsRole>
  );
}

/** How the services are: each is asked for itself, so that one that is away hides nothing of the other. */
function System() {
  const auth = useQuery({ ...authSystemQuery, refetchInterval: REFRESH });
  const api = useQuery({ ...apiSystemQuery, refetchInterval: REFRESH });
  return (
    <Box sx={{ display: 'grid', gap: 2, minWidth: 0 }}>
      <Told name="api" query={api} />
      {api.data && <ApiPart system={api.data} />}
      <Told name="auth" query={auth} />
      {auth.data && <AuthPart system={auth.data} />}
      {(auth.data ?? api.data) && <TasksPanel auth={auth.data?.periodic_tasks} api={api.data?.periodic_tasks} />}
    </Box>
  );
}

function Told({ name, query }: { name: string; query: UseQueryResult<unknown> }) {
  if (query.isPending) return <CardSkeleton height={200} label={`Loading the state of the ${name} service`} />;
  const retry = () => void query.refetch();
  if (query.data !== undefined) return <StaleBar since={staleSince(query)} onRetry={retry}>The {name} service does not answer.</StaleBar>;
  return <ErrorState title={`The state of the ${name} service could not be loaded.`} error={query.error} onRetry={retry} />;
}
