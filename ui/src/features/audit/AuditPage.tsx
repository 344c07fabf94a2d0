import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import { useMemo } from 'react';
import { RefreshIcon } from '../../components/icons';
import { FactCheckIcon } from '../../components/shellIcons';
import { EmptyFiltered } from '../../components/EmptyFiltered';
import { EmptyState } from '../../components/EmptyState';
import { ErrorState } from '../../components/ErrorState';
import { Page } from '../../components/Page';
import { ListSkeleton } from '../../components/Skeletons';
import { useZone } from '../../lib/time';
import { isFiltered, useUrlState } from '../../lib/urlState';
import { LIST_WORDS } from '../../lib/words';
import { NeedsRole } from '../settings/NeedsRole';
import { AuditDrawer } from './AuditDrawer';
import { AuditFilterBar } from './AuditFilterBar';
import { AuditTable } from './AuditTable';
import type { AuditFilters } from './filters';
import { NO_FILTERS, auditQuery } from './filters';
import { SOURCES } from './types';
import { useAuditLogs } from './useAuditLogs';

const SHOWN = { ...NO_FILTERS, entry: '' };

export function AuditPage() {
  return (
    <NeedsAdministrator>
      <AuditLog />
    </NeedsAdministrator>
  );
}

function NeedsAdministrator({ children }: { children: ReactNode }) {
  return (
    <Page title="Audit log" subtitle="Who did what, and when. Entries are only ever added; exports are recorded, too.">
      <NeedsRole role="administrator" what="The audit log">
        {children}
      </NeedsRole>
    </Page>
  );
}

/** The logs of both services as one list. */
function AuditLog() {
  const [{ entry: opened, ...filters }, setState] = useUrlState(SHOWN);
  const zone = useZone();
  const wanted = JSON.stringify(filters);
  const query = useMemo(() => auditQuery(JSON.parse(wanted) as AuditFilters, zone), [wanted, zone]);
  const logs = useAuditLogs(query);
  const clear = () => setState(NO_FILTERS);
  return (
    <>
      <AuditFilterBar filters={filters} query={query} onChange={setState} />
      <Failures logs={logs} />
      {logs.isPending ? (
        <ListSkeleton label="Loading the audit log" />
      ) : (
        <Entries logs={logs} filtered={isFiltered(filters, NO_FILTERS)} onClear={clear} />
      )}
      <AuditDrawer
        id={logs.isPending ? '' : opened}
        entry={logs.entries.find(({ id }) => id === opened)}
        onClose={() => setState({ entry: '' })}
        onNarrow={(patch) => setState({ ...patch, entry: '' })}
      />
    </>
  );
}

type Logs = ReturnType<typeof useAuditLogs>;

/** One service that is away takes its part away, not the page. */
function Failures({ logs: { failed } }: { logs: Logs }) {
  const all = failed.length === SOURCES.length;
  return failed.map(({ name, error, retry }) => (
    <ErrorState
      key={name}
      title={all ? `${LIST_WORDS.audit.error} (${name} service)` : `Entries of the ${name} service are missing. Those of the other service are shown.`}
      error={error}
      onRetry={retry}
    />
  ));
}

function Entries({ logs, filtered, onClear }: { logs: Logs; filtered: boolean; onClear: () => void }) {
  if (logs.entries.length === 0 && !logs.hasMore) {
    if (logs.failed.length > 0) return null;
    if (filtered) return <EmptyFiltered text={LIST_WORDS.audit.filtered} onClear={onClear} />;
    return <EmptyState icon={FactCheckIcon} title={LIST_WORDS.audit.empty} />;
  }
  return (
    <>
      <Button size="small" startIcon={<RefreshIcon />} onClick={logs.refresh} loading={logs.isFetching} loadingPosition="start">
        Refresh
      </Button>
      <AuditTable entries={logs.entries} />
      {logs.hasMore && (
        <Button onClick={logs.loadMore} loading={logs.isFetching}>
          Show older entries
        </Button>
      )}
    </>
  );
}
