/** Tables as plain text. */
import type { Interval } from '../../core/statistics.js';

/** `0.41 to 0.43`; the empty string if there is no interval. */
export function intervalText(interval: Interval | null, format: (value: number) => string): string {
  return interval === null ? '' : `${format(interval.low)} to ${format(interval.high)}`;
}
