import { formatTime, useRelative, useZone } from '../lib/time';

/** A point in time inside a link, where a button of its own cannot stand: relative, in full on hover. */
export function PlainTime({ at }: { at: string }) {
  const relative = useRelative(at);
  const zone = useZone();
  return (
    <time dateTime={at} title={formatTime(at, zone)}>
      {relative}
    </time>
  );
}
