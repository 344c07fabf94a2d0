import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ErrorState, ProblemAlert } from '../../../components/ErrorState';
import { connectMailboxes, organizationQuery } from '../api';
import { useConnect } from '../connectContext';
import { SubscribeField } from '../FlowOptions';
import { ACCOUNTS } from '../keys';
import { NarrowNote } from '../NarrowNote';
import { WayFrame } from '../WayFrame';
import { ChosenMailboxes } from './ChosenMailboxes';
import { MailboxList } from './MailboxList';
import { MailboxResults } from './MailboxResults';
import { MAX_MAILBOXES } from './chosen';

/** Mailboxes of one organisation, from its directory or typed. */
export function ChooseMailboxes({ organizationId }: { organizationId: string }) {
  const { go, close } = useConnect();
  const cache = useQueryClient();
  const organization = useQuery(organizationQuery(organizationId));
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [subscribe, setSubscribe] = useState(true);
  const connect = useMutation({
    mutationFn: () => connectMailboxes(organizationId, [...chosen], subscribe ? 'inbox' : null),
    onSuccess: () => cache.invalidateQueries({ queryKey: ACCOUNTS }),
  });
  const again = (failed: string[]) => {
    connect.reset();
    setChosen(failed);
  };
  const name = organization.data?.display_name || 'the organisation';
  if (connect.data) return <MailboxResults results={connect.data} onAgain={again} onDone={close} />;
  return (
    <WayFrame
      title={`Mailboxes of ${name}`}
      onBack={() => go('organization')}
      actions={
        <Button
          variant="contained"
          disabled={chosen.length === 0 || chosen.length > MAX_MAILBOXES}
          loading={connect.isPending}
          onClick={() => connect.mutate()}
        >
          {chosen.length === 1 ? 'Connect 1 mailbox' : `Connect ${chosen.length} mailboxes`}
        </Button>
      }
    >
      {organization.isError && (
        <ErrorState title="The organisation could not be loaded." error={organization.error} onRetry={() => organization.refetch()} />
      )}
      <MailboxList organizationId={organizationId} chosen={chosen} onChange={setChosen} />
      <ChosenMailboxes chosen={chosen} onChange={setChosen} />
      <SubscribeField many checked={subscribe} onChange={setSubscribe} />
      <Typography variant="body2" color="text.secondary">
        Each mailbox is read once before it counts as connected.
      </Typography>
      <NarrowNote />
      <ProblemAlert error={connect.error} />
    </WayFrame>
  );
}
