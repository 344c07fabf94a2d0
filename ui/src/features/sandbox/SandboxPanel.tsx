import Box from '@mui/material/Box';
import { useQuery } from '@tanstack/react-query';
import { EmptyState } from '../../components/EmptyState';
import { ErrorState } from '../../components/ErrorState';
import { CardSkeleton } from '../../components/Skeletons';
import { StaleBar, staleSince } from '../../components/StaleBar';
import { isProblem } from '../../lib/api/client';
import { Tour } from './Tour';
import { sandboxQuery } from './api';
import { Breakages } from './breaking/Breakages';
import { Mailboxes } from './Mailboxes';
import { SendMessage } from './sending/SendMessage';

/** All of the sandbox in one place. */
export function SandboxPanel() {
  const sandbox = useQuery(sandboxQuery);
  if (sandbox.isError && isProblem(sandbox.error, 'no_sandbox')) return <NoSandbox />;
  if (sandbox.isError && !sandbox.data) {
    return <ErrorState title="The sandbox does not answer." error={sandbox.error} onRetry={() => void sandbox.refetch()} />;
  }
  if (!sandbox.data) return <CardSkeleton height={320} label="Loading the sandbox" />;
  return (
    <>
      <StaleBar since={staleSince(sandbox)} onRetry={() => void sandbox.refetch()} />
      <Box sx={{ display: 'grid', gap: 3, gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'minmax(0, 2fr) minmax(0, 3fr)' }, alignItems: 'start' }}>
        <Box sx={{ display: 'grid', gap: 3, minWidth: 0 }}>
          <Tour />
          <SendMessage mailboxes={sandbox.data.mailboxes} />
          <Mailboxes sandbox={sandbox.data} />
        </Box>
        <Breakages sandbox={sandbox.data} />
      </Box>
    </>
  );
}

function NoSandbox() {
  return (
    <EmptyState title="There is no sandbox here.">
      This installation is connected to Microsoft itself. The sandbox runs where <code>flovify up</code> is started without
      an app registration.
    </EmptyState>
  );
}
