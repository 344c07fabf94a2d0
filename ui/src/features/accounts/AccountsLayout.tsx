import { lazy, Suspense } from 'react';
import { Outlet, useSearchParams } from 'react-router';
import { readOutcome } from '../connect/outcome';

const ConnectDialog = lazy(async () => ({ default: (await import('../connect/ConnectDialog')).ConnectDialog }));
const OutcomeDialog = lazy(async () => ({ default: (await import('../connect/outcome/OutcomeDialog')).OutcomeDialog }));

/** The pages of accounts, with the dialogs that the address opens over any of them. */
export function AccountsLayout() {
  const [search] = useSearchParams();
  return (
    <>
      <Outlet />
      <Suspense fallback={null}>
        {search.has('connect') && <ConnectDialog />}
        {readOutcome(search) !== null && <OutcomeDialog />}
      </Suspense>
    </>
  );
}
