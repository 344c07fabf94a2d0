import Box from '@mui/material/Box';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Navigate, Outlet, useLocation } from 'react-router';
import { ApiProblem } from '../lib/api/client';
import { onSessionLost } from '../lib/api/sessionLost';
import { later } from '../lib/later';
import { startLive } from '../lib/live';
import { SESSION_KEY, sessionQuery } from '../lib/session';
import { ErrorState } from '../components/ErrorState';
import { WhenOpened } from '../components/WhenOpened';
import { HttpsNotice } from './HttpsNotice';
import { Navigation } from './Navigation';
import { SplashSkeleton } from './SplashSkeleton';
import { TopBar } from './TopBar';
import { useGlobalKeys } from './useGlobalKeys';

const CommandPalette = later(async () => (await import('./CommandPalette')).CommandPalette);
const KeyboardHelp = later(async () => (await import('./KeyboardHelp')).KeyboardHelp);

/** Everything behind the sign-in: asks who is there first, and again whenever an answer says that nobody is. */
export function Shell() {
  const session = useQuery(sessionQuery());
  useSessionChecks();
  if (session.error instanceof ApiProblem && session.error.status === 401) return <ToSignIn ended={session.data !== undefined} />;
  if (session.data !== undefined) return <SignedIn />;
  if (session.isPending) return <SplashSkeleton />;
  return (
    <Box component="main" sx={{ maxWidth: 640, mx: 'auto', p: 3 }}>
      <ErrorState title="Flovify's console could not be opened." error={session.error} onRetry={() => session.refetch()} />
    </Box>
  );
}

/** Whoever signs in again comes back to the same page. */
function ToSignIn({ ended }: { ended: boolean }) {
  const { pathname, search } = useLocation();
  const back = pathname + search;
  const query = new URLSearchParams({ ...(ended && { ended: '1' }), ...(back !== '/' && { return: back }) });
  return <Navigate to={`/sign-in?${query}`} replace />;
}

function SignedIn() {
  useLiveUpdates();
  const [menu, setMenu] = useState(false);
  const overlays = useGlobalKeys();
  return (
    <Box sx={{ display: 'flex', minHeight: '100dvh' }}>
      <SkipLink />
      <Navigation open={menu} onClose={() => setMenu(false)} />
      <Box sx={{ flex: 1, minWidth: 0, display: 'flex', flexDirection: 'column' }}>
        <TopBar onMenu={() => setMenu(true)} onSearch={overlays.openPalette} onHelp={overlays.openHelp} />
        <HttpsNotice />
        <Box component="main" id="main" tabIndex={-1} sx={{ flex: 1, minWidth: 0, minHeight: 0, display: 'flex', flexDirection: 'column', outline: 'none' }}>
          <Outlet />
        </Box>
      </Box>
      <WhenOpened open={overlays.palette}>
        <CommandPalette open={overlays.palette} onClose={overlays.close} />
      </WhenOpened>
      <WhenOpened open={overlays.help}>
        <KeyboardHelp open={overlays.help} onClose={overlays.close} />
      </WhenOpened>
    </Box>
  );
}

function useLiveUpdates(): void {
  const client = useQueryClient();
  useEffect(() => startLive(client), [client]);
}

function useSessionChecks(): void {
  const client = useQueryClient();
  useEffect(() => onSessionLost(() => void client.invalidateQueries({ queryKey: SESSION_KEY })), [client]);
}

function SkipLink() {
  return (
    <Box component="a" href="#main" sx={{ position: 'absolute', left: 8, top: -60, zIndex: 2000, p: 1.5, bgcolor: 'background.paper', border: 1, borderRadius: 1, '&:focus': { top: 8 } }}>
      Skip to the content
    </Box>
  );
}
