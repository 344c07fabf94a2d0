import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import { EmptyState } from '../../components/EmptyState';
import { Page } from '../../components/Page';
import { useRole } from '../../lib/role';
import { useUrlState } from '../../lib/urlState';
import { OpenView } from './OpenView';
import { useGroups } from './useGroups';
import { DiscardedList } from './discard/DiscardedList';
import { OpenReplay } from './replay/OpenReplay';
import { ReplayList } from './replay/ReplayList';

const VIEW = { view: 'open' };

/** What could not be done: by cause, one by one, being done again, given up. */
export function DeadLettersPage() {
  const { atLeast } = useRole();
  return atLeast('operator') ? <Views /> : <NeedsOperator />;
}

function Views() {
  const [{ view }, setView] = useUrlState(VIEW);
  const groups = useGroups();
  const shown = view === 'replays' || view === 'discarded' ? view : 'open';
  const total = groups.data?.total;
  return (
    <Page
      title="Dead letters"
      documentTitle={total === undefined ? undefined : `Dead letters (${total})`}
      subtitle="Notifications that Flovify gave up after all attempts. Mend the cause, then replay them: nothing is lost."
    >
      <Tabs value={shown} onChange={(_event, to: string) => setView({ view: to })} aria-label="Views of dead letters" sx={{ mb: 2 }}>
        <Tab value="open" label={total === undefined ? 'Open' : `Open (${total.toLocaleString('en')})`} />
        <Tab value="replays" label="Replays" />
        <Tab value="discarded" label="Discarded" />
      </Tabs>
      {shown === 'open' && <OpenView groups={groups} />}
      {shown === 'replays' && <ReplayList />}
      {shown === 'discarded' && <DiscardedList />}
      <OpenReplay />
    </Page>
  );
}

function NeedsOperator() {
  return (
    <Page title="Dead letters">
      <EmptyState title="Needs Operator">
        Dead letters hold notifications that could not be worked on. Ask an administrator for the role Operator to see and
        replay them.
      </EmptyState>
    </Page>
  );
}
