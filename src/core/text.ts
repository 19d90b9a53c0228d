/** Small texts for people: counts with their noun, and columns. */

/**
 * A count with its noun, with thousands separators.
 *
 * @example
 * countOf(2300, 'character'); // '2,300 characters'
 */
export function countOf(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}

/** Rows of cells as aligned columns, two spaces apart unless `gap` is given; cells of number columns are aligned right. */
export function alignedText(
  rows: readonly (readonly string[])[],
  isNumber: (column: number) => boolean,
  gap = '  ',
): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      widths
        .map((width, column) => (isNumber(column) ? row[column]!.padStart(width) : row[column]!.padEnd(width)))
        .join(gap)
        .trimEnd(),
    )
    .join('\n');
}
