import Box from '@mui/material/Box';
import { useQuery } from '@tanstack/react-query';
import { ErrorState } from '../../components/ErrorState';
import { Page } from '../../components/Page';
import { CardSkeleton } from '../../components/Skeletons';
import { StaleBar, staleSince } from '../../components/StaleBar';
import type { Overview } from '../../lib/api/generated/api';
import { useZone } from '../../lib/time';
import { useUrlState } from '../../lib/urlState';
import { LIST_WORDS } from '../../lib/words';
import type { Period } from './api';
import { isPeriod, overviewQuery } from './api';
import { AttentionList } from './AttentionList';
import { Cards } from './Cards';
import { Charts } from './Charts';
import { Checklist } from './Checklist';
import { HealthStrip } from './HealthStrip';
import { PeriodChoice } from './PeriodChoice';
import { StandSentence } from './StandSentence';

const DEFAULTS = { period: '24h' };

export function OverviewPage() {
  useZone(); // the days of the charts follow the chosen zone
  const [{ period: chosen }, setState] = useUrlState(DEFAULTS);
  const period: Period = isPeriod(chosen) ? chosen : '24h';
  const overview = useQuery(overviewQuery(period));
  return (
    <Page title="Overview">
      {overview.isPending && <Loading />}
      {overview.isError && overview.data === undefined && (
        <ErrorState title={LIST_WORDS.overview.error} error={overview.error} onRetry={() => overview.refetch()} />
      )}
      <StaleBar since={staleSince(overview)} onRetry={() => overview.refetch()} />
      {overview.data && <Loaded overview={overview.data} period={period} onPeriod={(next) => setState({ period: next })} />}
    </Page>
  );
}

interface Props {
  overview: Overview;
  period: Period;
  onPeriod: (period: Period) => void;
}

function Loaded({ overview, period, onPeriod }: Props) {
  return (
    <Box sx={{ display: 'grid', gap: 2.5, minWidth: 0 }}>
      <StaleBar since={overview.stale_since}>The auth service does not answer; what is known of accounts is as of then.</StaleBar>
      <StandSentence sentence={overview.sentence} />
      <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'minmax(0, 3fr) minmax(0, 2fr)' }, alignItems: 'start' }}>
        <AttentionList items={overview.attention} />
        <Checklist items={overview.checklist} />
      </Box>
      <Cards cards={overview.cards} />
      <PeriodChoice period={period} onPeriod={onPeriod} />
      <Charts overview={overview} />
      <HealthStrip items={overview.health} />
    </Box>
  );
}

function Loading() {
  return (
    <Box sx={{ display: 'grid', gap: 2.5 }}>
      <CardSkeleton height={64} label="Loading the overview" />
      <CardSkeleton height={180} label="Loading what needs you" />
      <CardSkeleton height={120} label="Loading the cards" />
      <CardSkeleton height={300} label="Loading the charts" />
    </Box>
  );
}
