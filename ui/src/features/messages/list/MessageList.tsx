import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import List from '@mui/material/List';
import Typography from '@mui/material/Typography';
import { useEffect, useRef } from 'react';
import { NewRowsBar } from '../../../components/NewRowsBar';
import { problemText } from '../../../lib/problemText';
import type { SteadyRows } from '../../../lib/useSteadyRows';
import type { MessageSummary } from '../types';
import { MessageLine } from './MessageLine';

interface Props {
  list: SteadyRows<MessageSummary>;
  openId: string | undefined;
  accountName: (id: string) => string | undefined;
  hrefOf: (id: string) => string;
  total: number | undefined;
}

/** The lines that are loaded; older ones when asked for. */
export function MessageList({ list, openId, accountName, hrefOf, total }: Props) {
  const top = useRef<HTMLDivElement>(null);
  useOpenInView(top, openId);
  const showNew = () => {
    list.showNew();
    top.current?.scrollTo({ top: 0 });
  };
  return (
    <Box ref={top} sx={{ flex: 1, overflow: 'auto', minHeight: 0 }} data-message-list>
      <NewRowsBar count={list.newCount} onShow={showNew} />
      <List disablePadding aria-label="Messages">
        {list.rows.map((message) => (
          <MessageLine
            key={message.id}
            message={message}
            accountName={accountName(message.tenant_id)}
            selected={message.id === openId}
            href={hrefOf(message.id)}
          />
        ))}
      </List>
      <Foot list={list} total={total} />
    </Box>
  );
}

/** With j and k the open line may lie outside of what is seen. */
function useOpenInView(top: React.RefObject<HTMLDivElement | null>, openId: string | undefined) {
  useEffect(() => {
    if (openId === undefined) return;
    const line = top.current?.querySelector(`[data-message="${CSS.escape(openId)}"]`);
    line?.scrollIntoView({ block: 'nearest' });
  }, [top, openId]);
}

function Foot({ list, total }: { list: SteadyRows<MessageSummary>; total: number | undefined }) {
  return (
    <Box sx={{ p: 1.5, textAlign: 'center' }}>
      <Typography variant="caption" color="text.secondary" component="div">
        {footText(list.rows.length, total, list.hasMore)}
      </Typography>
      {list.moreError && (
        <Alert severity="error" sx={{ my: 1, textAlign: 'left' }}>
          Older messages could not be loaded: {problemText(list.moreError)}
        </Alert>
      )}
      {list.hasMore && (
        <Button size="small" onClick={list.loadMore} loading={list.isLoadingMore}>
          Show older messages
        </Button>
      )}
    </Box>
  );
}

export function footText(shown: number, total: number | undefined, hasMore: boolean): string {
  if (!hasMore) return shown === 1 ? '1 message' : `${shown.toLocaleString('en')} messages`;
  if (total === undefined) return `The newest ${shown}`;
  return `The newest ${shown.toLocaleString('en')} of about ${Math.max(total, shown).toLocaleString('en')}`;
}
