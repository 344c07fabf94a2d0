import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { ErrorState } from '../../components/ErrorState';
import { Page } from '../../components/Page';
import { DetailSkeleton } from '../../components/Skeletons';
import { StaleBar, staleSince } from '../../components/StaleBar';
import { StatusChip } from '../../components/StatusChip';
import { useAccountActions } from './actions/useAccountActions';
import { accountQuery } from './api';
import { AccessTab } from './detail/AccessTab';
import { AccountHeader } from './detail/AccountHeader';
import { AccountToolbar } from './detail/AccountToolbar';
import { ActivityTab } from './detail/ActivityTab';
import { MessagesTab } from './detail/MessagesTab';
import { OverviewTab } from './detail/OverviewTab';
import { SettingsTab } from './detail/SettingsTab';
import { SubscriptionsTab } from './detail/SubscriptionsTab';
import type { AccountDetail } from './types';

const TRAIL = [{ to: '/admin/tenants', label: 'Connected Accounts' }];
const TABS = [
  { tab: 'overview', label: 'Overview', Part: OverviewTab },
  { tab: 'access', label: 'Access', Part: AccessTab },
  { tab: 'subscriptions', label: 'Subscriptions', Part: SubscriptionsTab },
  { tab: 'messages', label: 'Messages', Part: MessagesTab },
  { tab: 'activity', label: 'Activity', Part: ActivityTab },
  { tab: 'settings', label: 'Settings', Part: SettingsTab },
] as const;

/** One connected account. */
export function AccountPage() {
  const { id = '' } = useParams();
  const account = useQuery(accountQuery(id));
  if (account.data) {
    return <Known account={account.data} since={staleSince(account)} onRetry={() => void account.refetch()} />;
  }
  return (
    <Page title="Account" breadcrumbs={TRAIL}>
      {account.isPending && <DetailSkeleton label="Loading the account" />}
      {account.isError && <ErrorState title="This account could not be loaded." error={account.error} onRetry={() => account.refetch()} />}
    </Page>
  );
}

interface KnownProps {
  account: AccountDetail;
  since: number | null;
  onRetry: () => void;
}

function Known({ account, since, onRetry }: KnownProps) {
  const { tab = 'overview' } = useParams();
  const navigate = useNavigate();
  const actions = useAccountActions(() => void navigate('/admin/tenants'));
  const shown = TABS.find((one) => one.tab === tab) ?? TABS[0];
  const base = `/admin/tenants/${account.id}`;
  return (
    <Page
      title={account.display_name || account.account_email}
      breadcrumbs={TRAIL}
      beside={<StatusChip kind="account" status={account.status} word={account.status_word} cause={account.cause} size="medium" />}
      actions={<AccountToolbar account={account} actions={actions} />}
    >
      <StaleBar since={since} onRetry={onRetry} />
      <StaleBar since={account.stale_since}>Status may be old: the service that keeps the accounts does not answer.</StaleBar>
      <AccountHeader account={account} actions={actions} />
      <Tabs value={shown.tab} variant="scrollable" allowScrollButtonsMobile aria-label="About this account" sx={{ mb: 2, borderBottom: 1, borderColor: 'divider' }}>
        {TABS.map((one) => (
          <Tab
            key={one.tab}
            value={one.tab}
            label={one.label}
            id={`tab-${one.tab}`}
            aria-controls="account-tab"
            component={Link}
            to={one.tab === 'overview' ? base : `${base}/${one.tab}`}
          />
        ))}
      </Tabs>
      <div role="tabpanel" id="account-tab" aria-labelledby={`tab-${shown.tab}`}>
        <shown.Part account={account} />
      </div>
      {actions.dialogs}
    </Page>
  );
}
