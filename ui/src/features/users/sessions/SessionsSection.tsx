import Box from '@mui/material/Box';
import FormControlLabel from '@mui/material/FormControlLabel';
import Switch from '@mui/material/Switch';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorState } from '../../../components/ErrorState';
import { ListSkeleton } from '../../../components/Skeletons';
import { StaleBar, staleSince } from '../../../components/StaleBar';
import { useRole } from '../../../lib/role';
import { useUrlState } from '../../../lib/urlState';
import { LIST_WORDS } from '../../../lib/words';
import { Panel } from '../../accounts/detail/Panel';
import { sessionsQuery } from '../api';
import type { SignInSession } from '../types';
import { EndSessionDialog } from './EndSessionDialog';
import { PasswordForm } from './PasswordForm';
import { SessionTable } from './SessionTable';

const OWN = { all: '' };

/** Where one is signed in, and one's password; administrators see everybody's sessions, too. */
export function SessionsSection() {
  const { atLeast } = useRole();
  const [{ all: wanted }, setState] = useUrlState(OWN);
  const mayAll = atLeast('administrator');
  const all = mayAll && wanted === 'yes';
  const toggle = mayAll && (
    <FormControlLabel control={<Switch checked={all} onChange={(_, on) => setState({ all: on ? 'yes' : '' })} />} label="Everybody's sessions" />
  );
  return (
    <Box sx={{ display: 'grid', gap: 2, minWidth: 0 }}>
      <Panel title={all ? 'Sessions of everybody' : 'Your sessions'} more={toggle}>
        <Sessions all={all} />
      </Panel>
      <PasswordForm />
    </Box>
  );
}

function Sessions({ all }: { all: boolean }) {
  const sessions = useQuery(sessionsQuery(all));
  const [ending, setEnding] = useState<SignInSession | null>(null);
  const { data } = sessions;
  const retry = () => void sessions.refetch();
  return (
    <>
      {sessions.isPending && <ListSkeleton label="Loading the sessions" rows={3} />}
      {sessions.isError && !data && <ErrorState title={LIST_WORDS.sessions.error} error={sessions.error} onRetry={retry} />}
      <StaleBar since={staleSince(sessions)} onRetry={retry} />
      {data?.items.length === 0 && <EmptyState title={LIST_WORDS.sessions.empty} />}
      {data && data.items.length > 0 && <SessionTable sessions={data.items} all={all} onEnd={setEnding} />}
      {ending && <EndSessionDialog session={ending} onClose={() => setEnding(null)} />}
    </>
  );
}
