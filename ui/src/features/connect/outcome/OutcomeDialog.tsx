import Dialog from '@mui/material/Dialog';
import useMediaQuery from '@mui/material/useMediaQuery';
import { useTheme } from '@mui/material/styles';
import { useId, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { Outcome } from '../outcome';
import { readOutcome, withoutOutcome } from '../outcome';
import { ConnectedOutcome } from './ConnectedOutcome';
import { ConsentOutcome } from './ConsentOutcome';
import { FailedOutcome } from './FailedOutcome';

/** How a way to Microsoft and back ended. Stays until it is closed, also when the page is loaded again. */
export function OutcomeDialog() {
  const [search, setSearch] = useSearchParams();
  const outcome = useMemo(() => readOutcome(search), [search]);
  const titleId = useId();
  const isNarrow = useMediaQuery(useTheme().breakpoints.down('sm'));
  if (outcome === null) return null;
  // The outcome is not to come back by the Back button, so its place in the history is taken.
  const close = () => setSearch(withoutOutcome, { replace: true });
  const goOn = (connect: string, more: Record<string, string> = {}) =>
    setSearch((before) => {
      const after = withoutOutcome(before);
      for (const [name, value] of Object.entries({ connect, ...more })) after.set(name, value);
      return after;
    }, { replace: true });
  return (
    <Dialog open onClose={close} aria-labelledby={titleId} fullWidth maxWidth="sm" fullScreen={isNarrow}>
      <Content outcome={outcome} titleId={titleId} close={close} goOn={goOn} />
    </Dialog>
  );
}

export interface OutcomeProps {
  titleId: string;
  close: () => void;
  /** On to a way of connecting, in place of the outcome. */
  goOn: (connect: string, more?: Record<string, string>) => void;
}

function Content({ outcome, ...props }: OutcomeProps & { outcome: Outcome }) {
  if (outcome.kind === 'connected') return <ConnectedOutcome tenantId={outcome.tenantId} {...props} />;
  if (outcome.kind === 'consent') return <ConsentOutcome outcome={outcome} {...props} />;
  return <FailedOutcome failure={outcome.failure} {...props} />;
}
