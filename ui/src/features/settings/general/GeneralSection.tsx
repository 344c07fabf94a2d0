import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { EmptyFiltered } from '../../../components/EmptyFiltered';
import { ErrorState } from '../../../components/ErrorState';
import { FilterBar } from '../../../components/FilterBar';
import { ListSkeleton } from '../../../components/Skeletons';
import { useUrlState } from '../../../lib/urlState';
import { apiSystemQuery, authSystemQuery } from '../api';
import { NeedsRole } from '../NeedsRole';
import { searched, settingRows } from './settingRows';
import { SettingsTable } from './SettingsTable';

const NO_SEARCH = { q: '' };

export function GeneralSection() {
  return (
    <NeedsRole role="operator" what="The settings in force">
      <Settings />
    </NeedsRole>
  );
}

/** Every setting of both services: what it is, and where it comes from. They are changed outside of the console. */
function Settings() {
  const [{ q }, setSearch] = useUrlState(NO_SEARCH);
  const auth = useQuery(authSystemQuery);
  const api = useQuery(apiSystemQuery);
  const rows = settingRows({ ...(auth.data && { auth: auth.data.settings }), ...(api.data && { api: api.data.settings }) });
  const found = searched(rows, q);
  return (
    <>
      <Typography color="text.secondary" sx={{ mb: 2 }}>
        Settings are environment variables, read when a service starts. Change one where its source says, then restart
        Flovify. Values of secrets are never shown.
      </Typography>
      <FilterBar
        search={{ label: 'Search settings', value: q, onChange: (text) => setSearch({ q: text }, { replace: true }) }}
        filtered={q !== ''}
        onClear={() => setSearch(NO_SEARCH)}
      />
      {auth.isError && !auth.data && (
        <ErrorState title="The settings of the auth service could not be loaded." error={auth.error} onRetry={() => void auth.refetch()} />
      )}
      {api.isError && !api.data && (
        <ErrorState title="The settings of the api service could not be loaded." error={api.error} onRetry={() => void api.refetch()} />
      )}
      {(auth.isPending || api.isPending) && <ListSkeleton label="Loading the settings" rows={rows.length === 0 ? 8 : 2} />}
      {rows.length > 0 && found.length === 0 && <EmptyFiltered text="No setting matches." onClear={() => setSearch(NO_SEARCH)} />}
      {found.length > 0 && <SettingsTable rows={found} />}
    </>
  );
}
