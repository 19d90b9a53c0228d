import type { SkippedRow } from './skipped.js';
import { unitOf } from '../formats/formats.js';

const rowsShown = 20;
const charactersShown = 72;

/**
 * A message about skipped rows: how many, then number, reason and beginning of the first 20. The empty string if there are
 * none.
 *
 * @example
 * console.log(formatSkipped([{ line: 3, reason: '"chosen" is missing; the row has "prompt"', text: '{"prompt": "?"}' }], 'mine.jsonl'));
 * // 1 row of mine.jsonl is not used:
 * //   line 3: "chosen" is missing; the row has "prompt"
 * //     {"prompt": "?"}
 */
export function formatSkipped(skipped: readonly SkippedRow[], file: string): string {
  if (skipped.length === 0) return '';
  const title =
    skipped.length === 1 ? `1 row of ${file} is not used:` : `${skipped.length} rows of ${file} are not used:`;
  const rows = skipped
    .slice(0, rowsShown)
    .flatMap((row) => [`  ${placeOf(row, file)}: ${printable(row.reason)}`, `    ${beginning(printable(row.text))}`]);
  const more = skipped.length - rowsShown;
  return [title, ...rows, ...(more > 0 ? [`  and ${more} more, each with its line number and reason`] : [])].join('\n');
}

/** `line 3`, or `row 3 of data/train.parquet`. */
function placeOf({ line, file: shard }: SkippedRow, file: string): string {
  return `${unitOf(shard ?? file)} ${line}${shard === undefined ? '' : ` of ${shard}`}`;
}

/** Replaces control characters, which could move a terminal's cursor or change its colours. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD');
}

function beginning(text: string): string {
  const characters = Array.from(text);
  return characters.length <= charactersShown ? text : `${characters.slice(0, charactersShown - 1).join('')}…`;
}
