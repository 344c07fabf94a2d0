import type { Bucket, Series } from '../../lib/api/generated/api';
import { formatAxis, formatTime, zoneName } from '../../lib/time';

/** "per hour", "per 5 minutes", "per day". */
export function perBucket(seconds: number): string {
  if (seconds % 86_400 === 0) return units(seconds / 86_400, 'day');
  if (seconds % 3600 === 0) return units(seconds / 3600, 'hour');
  return units(seconds / 60, 'minute');
}

export function axisLabels(series: Series): string[] {
  return series.buckets.map((bucket) => formatAxis(new Date(bucket.at), series.bucket_seconds));
}

export function rowName(bucket: Bucket): string {
  return formatTime(bucket.at);
}

export function zoneFoot(): string {
  return `Times in ${zoneName()}`;
}

function units(number: number, name: string): string {
  return number === 1 ? `per ${name}` : `per ${number} ${name}s`;
}
