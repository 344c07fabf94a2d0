import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ToggleButton from '@mui/material/ToggleButton';
import useMediaQuery from '@mui/material/useMediaQuery';
import { useCallback, useMemo } from 'react';
import { Link, useLocation, useNavigate, useParams } from 'react-router';
import { ArrowBackIcon, ViewSidebarIcon } from '../../components/icons';
import { Page } from '../../components/Page';
import { isFiltered, useUrlState } from '../../lib/urlState';
import { NO_FILTERS } from './filters';
import { ListPane } from './list/ListPane';
import { MessageFilterBar } from './list/MessageFilterBar';
import { useMessages } from './list/useMessages';
import { useReadingKeys } from './list/useReadingKeys';
import { NothingOpen, Reader } from './reader/Reader';

const READING = { tab: 'html', details: 'shown' };

/** The mail: list, message, details. What is open, sought and shown stands in the URL. */
export function MessagesPage() {
  const { id } = useParams();
  const { search } = useLocation();
  const navigate = useNavigate();
  const narrow = useMediaQuery('(max-width: 899.95px)');
  const [filters, setFilters] = useUrlState(NO_FILTERS);
  const [reading, setReading] = useUrlState(READING);
  const messages = useMessages(filters);
  const hrefOf = useCallback((one: string) => `/messages/${one}${search}`, [search]);
  const ids = useMemo(() => messages.list.rows.map((row) => row.id), [messages.list.rows]);
  useReadingKeys({ ids, open: id, onOpen: (one) => void navigate(hrefOf(one), { replace: id !== undefined }) });
  return (
    <Page
      title="Messages"
      full
      actions={
        id !== undefined && (
          <ToggleButton
            size="small"
            value="details"
            selected={reading.details === 'shown'}
            onChange={() => setReading({ details: reading.details === 'shown' ? 'hidden' : 'shown' }, { replace: true })}
          >
            <ViewSidebarIcon fontSize="small" sx={{ mr: 1 }} aria-hidden />
            Details and trace
          </ToggleButton>
        )
      }
    >
      {(!narrow || id === undefined) && <MessageFilterBar filters={filters} onChange={setFilters} />}
      <Panes
        narrow={narrow}
        open={id !== undefined}
        backTo={`/messages${search}`}
        list={
          <ListPane
            messages={messages}
            openId={id}
            hrefOf={hrefOf}
            filtered={isFiltered(filters, NO_FILTERS)}
            onClear={() => setFilters(NO_FILTERS)}
            onAllAccounts={filters.account && filters.q ? () => setFilters({ account: '' }) : undefined}
          />
        }
        reader={
          id === undefined ? (
            <NothingOpen />
          ) : (
            <Reader id={id} tab={reading.tab} onTab={(tab) => setReading({ tab }, { replace: true })} details={reading.details === 'shown'} />
          )
        }
      />
    </Page>
  );
}

interface PanesProps {
  narrow: boolean;
  open: boolean;
  backTo: string;
  list: React.ReactNode;
  reader: React.ReactNode;
}

/** Side by side where there is room; else the list, or the message with a way back. */
function Panes({ narrow, open, backTo, list, reader }: PanesProps) {
  if (narrow && open) {
    return (
      <Box>
        <Button component={Link} to={backTo} startIcon={<ArrowBackIcon />}>
          All messages
        </Button>
        {reader}
      </Box>
    );
  }
  return (
    <Box sx={{ display: 'flex', flex: 1, minHeight: 320, border: 1, borderColor: 'divider', borderRadius: 1, overflow: 'hidden', bgcolor: 'background.paper' }}>
      <Box
        component="section"
        aria-label="List of messages"
        sx={{ display: 'flex', flexDirection: 'column', width: narrow ? '100%' : 360, flexShrink: 0, minHeight: 0, borderRight: narrow ? 0 : 1, borderColor: 'divider' }}
      >
        {list}
      </Box>
      {!narrow && <Box sx={{ display: 'flex', flex: 1, minWidth: 0, minHeight: 0, overflow: 'auto' }}>{reader}</Box>}
    </Box>
  );
}
