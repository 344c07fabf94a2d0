import type { KeyValueItem } from '../../../components/KeyValue';
import { StatusChip } from '../../../components/StatusChip';
import { formatDuration } from '../../../lib/time';

interface ServiceState {
  version: string;
  schema_version: string;
  database: { ok: boolean; latency_ms: number };
}

/** What every service tells of itself. */
export function serviceFacts({ version, schema_version: schema, database }: ServiceState): KeyValueItem[] {
  return [
    { label: 'Version', value: version },
    { label: 'Schema version', value: <code>{schema}</code> },
    {
      label: 'Database',
      value: (
        <>
          <StatusChip kind="health" status={database.ok ? 'ok' : 'failed'} /> answers in {formatDuration(database.latency_ms)}
        </>
      ),
    },
  ];
}
