import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { CopyId } from '../../../components/CopyId';
import { KeyValue } from '../../../components/KeyValue';
import { StatusChip } from '../../../components/StatusChip';
import { TimeText } from '../../../components/TimeText';
import { WebhookCheck } from '../../../components/WebhookCheck';
import { formatDuration } from '../../../lib/time';
import { PANELS, Panel } from '../../accounts/detail/Panel';
import type { ApiSystem } from '../types';
import { serviceFacts } from './serviceFacts';
import { WorkersPanel } from './WorkersPanel';

export function ApiPart({ system }: { system: ApiSystem }) {
  return (
    <>
      <Box sx={PANELS}>
        <Panel title="API service">
          <KeyValue items={[...serviceFacts(system), { label: 'Clock difference', value: clockText(system.clock_skew_seconds) }]} />
        </Panel>
        <Panel title="Queue">
          <KeyValue
            items={[
              { label: 'Waiting', value: system.queue.waiting.toLocaleString('en') },
              { label: 'Dead letters', value: system.queue.dead.toLocaleString('en') },
              { label: 'Oldest waits for', value: system.queue.waiting === 0 ? 'Nothing waits' : formatDuration(system.queue.oldest_seconds * 1000) },
            ]}
          />
        </Panel>
        <GraphPanel graph={system.graph} />
        <WebhookPanel system={system} />
      </Box>
      <WorkersPanel workers={system.workers} />
    </>
  );
}

/** Between this service and the database; more than a few seconds makes tokens and renewals go wrong. */
function clockText(seconds: number): string {
  const away = Math.abs(seconds);
  if (away < 0.0005) return 'None';
  const told = formatDuration(away * 1000);
  return `${told} ${seconds > 0 ? 'ahead' : 'behind'}${away > 5 ? ': set the clocks by NTP' : ''}`;
}

function GraphPanel({ graph }: { graph: ApiSystem['graph'] }) {
  return (
    <Panel title="Microsoft Graph">
      <KeyValue
        items={[
          { label: 'State', value: <StatusChip kind="health" status={graph.state} cause={graph.last_error} /> },
          { label: 'Last success', value: <TimeText at={graph.last_success_at} format="both" /> },
          { label: 'Last error', value: graph.last_error ?? 'None' },
          ...(graph.last_error_at ? [{ label: 'Last error at', value: <TimeText at={graph.last_error_at} format="both" /> }] : []),
        ]}
      />
    </Panel>
  );
}

function WebhookPanel({ system: { webhook_url: url, webhook_checked: checked } }: { system: ApiSystem }) {
  return (
    <Panel title="Webhook address">
      <KeyValue
        items={[
          { label: 'Address', value: <CopyId id={url} label="webhook address" full /> },
          {
            label: 'Last check',
            value: checked ? (
              <>
                <StatusChip kind="health" status={checked.ok ? 'ok' : 'failed'} cause={checked.detail} /> <TimeText at={checked.at} />
                <Typography variant="body2">{checked.detail}</Typography>
              </>
            ) : (
              'Not checked yet'
            ),
          },
        ]}
      />
      <Box sx={{ mt: 1.5 }}>
        <WebhookCheck />
      </Box>
    </Panel>
  );
}
