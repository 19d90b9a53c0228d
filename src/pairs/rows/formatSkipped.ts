import type { SkippedRow } from './skipped.js';
import { formatOfName } from '../formats/formats.js';

const rowsShown = 20;
const charactersShown = 72;

/**
 * What a person is shown of the rows that gave no pair: how many, then line number, reason and beginning of each. After
 * twenty of them only the count goes on; the empty string where there are none.
 *
 * @example
 * formatSkipped([{ line: 3, reason: '"chosen" is missing; the row has "prompt"', text: '{"prompt": "?"}' }], 'mine.jsonl');
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

/** JSONL has a row a line, which an editor goes to; the rows of other formats have their own numbers. */
function placeOf({ line, file: shard }: SkippedRow, file: string): string {
  const format = formatOfName(shard ?? file) ?? 'jsonl';
  return `${format === 'jsonl' ? 'line' : 'row'} ${line}${shard === undefined ? '' : ` of ${shard}`}`;
}

/** Control characters would move a terminal's cursor or colour the rest of the page. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD');
}

function beginning(text: string): string {
  const characters = Array.from(text);
  return characters.length <= charactersShown ? text : `${characters.slice(0, charactersShown - 1).join('')}…`;
}
