/** Tables as plain text. */
import type { Interval } from '../../core/statistics.js';

/** `0.41 to 0.43`; the empty string if there is no interval. */
export function intervalText(interval: Interval | null, format: (value: number) => string): string {
  return interval === null ? '' : `${format(interval.low)} to ${format(interval.high)}`;
}

/** Rows of cells as aligned columns, numbers aligned right. */
export function alignedText(rows: readonly (readonly string[])[], isNumber: (column: number) => boolean): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      widths
        .map((width, column) => (isNumber(column) ? row[column]!.padStart(width) : row[column]!.padEnd(width)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
