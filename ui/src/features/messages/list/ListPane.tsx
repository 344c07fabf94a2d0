import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import { MailOutlineIcon } from '../../../components/icons';
import { CopyId } from '../../../components/CopyId';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorState } from '../../../components/ErrorState';
import { ListSkeleton } from '../../../components/Skeletons';
import { StaleBar, staleSince } from '../../../components/StaleBar';
import { useAccountNames, useAccounts } from '../../../components/accountNames';
import { LIST_WORDS } from '../../../lib/words';
import { MessageList } from './MessageList';
import type { useMessages } from './useMessages';

interface Props {
  messages: ReturnType<typeof useMessages>;
  openId: string | undefined;
  hrefOf: (id: string) => string;
  filtered: boolean;
  onClear: () => void;
  /** Set while the list is narrowed to one account and to something sought. */
  onAllAccounts: (() => void) | undefined;
}

/** The list in all its states. */
export function ListPane({ messages: { head, list }, openId, hrefOf, filtered, onClear, onAllAccounts }: Props) {
  const accountName = useAccountNames();
  if (list.rows.length > 0) {
    return (
      <>
        <StaleBar since={staleSince(head)} onRetry={() => void head.refetch()} />
        <MessageList list={list} openId={openId} accountName={accountName} hrefOf={hrefOf} total={head.data?.total_estimate} />
      </>
    );
  }
  if (head.isError) {
    return <ErrorState title={LIST_WORDS.messages.error} error={head.error} onRetry={() => void head.refetch()} />;
  }
  if (head.isPending) return <ListSkeleton label="Loading messages" rows={8} />;
  return filtered ? <NoMatch onClear={onClear} onAllAccounts={onAllAccounts} /> : <NoMessages />;
}

function NoMatch({ onClear, onAllAccounts }: Pick<Props, 'onClear' | 'onAllAccounts'>) {
  return (
    <EmptyState
      title={LIST_WORDS.messages.filtered}
      actions={
        <>
          {onAllAccounts && <Button onClick={onAllAccounts}>Search all accounts</Button>}
          <Button onClick={onClear}>Clear filters</Button>
        </>
      }
    />
  );
}

const ADDRESSES_SHOWN = 3;

/** Before the first message: where one can be sent to. The list fills by itself. */
function NoMessages() {
  const accounts = useAccounts();
  if (accounts.length === 0) {
    return (
      <EmptyState
        icon={MailOutlineIcon}
        title="No messages yet."
        actions={
          <Button component={Link} to="/admin/tenants?connect=1" variant="contained">
            Connect an account
          </Button>
        }
      >
        Messages appear here as soon as a mailbox is connected and somebody writes to it.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={MailOutlineIcon} title={LIST_WORDS.messages.empty}>
      Write to one of these, and the message appears here by itself:
      {accounts.slice(0, ADDRESSES_SHOWN).map((account) => (
        <Typography key={account.id} sx={{ overflowWrap: 'anywhere' }}>
          <CopyId id={account.email} label="address" full />
        </Typography>
      ))}
    </EmptyState>
  );
}
