import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import { CopyId } from '../../components/CopyId';
import { Drawer } from '../../components/Drawer';
import { JsonBlock } from '../../components/JsonBlock';
import { KeyValue } from '../../components/KeyValue';
import { StatusChip } from '../../components/StatusChip';
import { TimeText } from '../../components/TimeText';
import { plain } from '../../lib/words';
import type { AuditFilters } from './filters';
import { objectHref } from './objectHref';
import type { SourcedEntry } from './types';

interface Props {
  /** The id that the URL names; empty: closed. */
  id: string;
  entry: SourcedEntry | undefined;
  onClose: () => void;
  onNarrow: (patch: Partial<AuditFilters>) => void;
}

/** All that is kept of one entry. */
export function AuditDrawer({ id, entry, onClose, onNarrow }: Props) {
  return (
    <Drawer open={id !== ''} onClose={onClose} title={entry ? plain(entry.action) : 'Audit entry'}>
      {entry ? (
        <Content entry={entry} onNarrow={onNarrow} />
      ) : (
        <Typography>
          Entry {id} is not among those on the page. Show older entries, or clear the filters, to find it.
        </Typography>
      )}
    </Drawer>
  );
}

function Content({ entry, onNarrow }: { entry: SourcedEntry; onNarrow: Props['onNarrow'] }) {
  const href = objectHref(entry);
  return (
    <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <KeyValue labelWidth={130} items={factsOf(entry)} />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
        {href && <Button size="small" variant="outlined" component={Link} to={href}>Open the object</Button>}
        {entry.actor && <Button size="small" onClick={() => onNarrow({ actor: entry.actor })}>Only this person</Button>}
        <Button size="small" onClick={() => onNarrow({ action: entry.action })}>Only this action</Button>
        {entry.subject && <Button size="small" onClick={() => onNarrow({ subject: entry.subject })}>Only this object</Button>}
      </Box>
      <section aria-label="Details">
        <Typography variant="subtitle1" component="h3">Details</Typography>
        <JsonBlock value={entry.details} label="the details as JSON" />
      </section>
    </Box>
  );
}

function factsOf(entry: SourcedEntry) {
  return [
    { label: 'When', value: <TimeText at={entry.at} format="both" /> },
    { label: 'Who', value: `${entry.actor || 'Nobody signed in'} (${entry.actor_kind})` },
    { label: 'Action', value: <code>{entry.action}</code> },
    { label: 'Object', value: entry.subject ? <><span>{plain(entry.subject_kind)} </span><CopyId id={entry.subject} label="object" full /></> : 'None' },
    { label: 'Outcome', value: <StatusChip kind="outcome" status={entry.outcome} /> },
    { label: 'Address', value: entry.address ?? 'None' },
    { label: 'Recorded by', value: `${entry.source} service, as ${entry.id}` },
    { label: 'Correlation id', value: <CopyId id={entry.correlation_id} label="correlation id" full /> },
  ];
}
