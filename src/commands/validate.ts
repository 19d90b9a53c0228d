/** `apolab validate`: looks pairs files through, and names row, column and cure of every fault. */
import { Command } from 'commander';
import type { Contamination, Validation } from '../preference.js';
import { showFetching, showRows, sourceOptions, type SourceFlags } from './sources.js';

interface Options extends SourceFlags {
  readonly against?: string;
  readonly json?: true;
}

export function validateCommand(): Command {
  const command = new Command('validate')
    .description('looks pairs files through: every row that is no pair, and what the set suffers from')
    .argument('<files...>', 'files, dataset folders, or datasets of the Hub (owner/name)')
    .option('--against <file>', 'test prompts or pairs, to be looked for in the pairs')
    .option('--json', 'print one object a file: {"file", "rows", "pairs", "faults", "warnings"}');
  for (const option of sourceOptions()) command.addOption(option);
  return command
    .addHelpText(
      'after',
      '\nThe exit code is 1 where a file has faults: rows that are no pairs. Warnings leave it at 0.' +
        '\n\nExample:\n  $ npx apolab validate train.jsonl --against test.jsonl',
    )
    .action(validate);
}

/** How many faults are named on a terminal; --json names all. */
const faultsShown = 50;

async function validate(files: readonly string[], { against, json, ...flags }: Options) {
  const { contamination, validatePairs } = await import('../preference.js');
  for (const file of files) {
    const shown = showRows(`reading ${file}`);
    const found = await validatePairs(file, { ...flags, ...shown.options, onFetch: showFetching() });
    shown.finish();
    const met = against === undefined ? undefined : await contamination(file, against, flags);
    if (found.faults.length > 0) process.exitCode = 1;
    if (json) console.log(JSON.stringify({ file, ...found, ...(met === undefined ? {} : { contamination: met }) }));
    else console.log([...describe(file, found), ...(met === undefined ? [] : describeMet(met, against!))].join('\n'));
  }
}

function describe(source: string, { rows, pairs, faults, warnings }: Validation): string[] {
  const named = faults.slice(0, faultsShown).map(({ row, file, column, reason }) => {
    const place = [
      `row ${row}`,
      ...(file === undefined ? [] : [`of ${file}`]),
      ...(column === undefined ? [] : [`column "${column}"`]),
    ];
    return `  fault    ${printable(`${place.join(', ')}: ${reason}`)}`;
  });
  const more = faults.length - named.length;
  return [
    `${source}: ${pairs} pairs of ${rows} rows, ${count(faults.length, 'fault')}, ${count(warnings.length, 'warning')}`,
    ...named,
    ...(more > 0 ? [`  and ${more} more faults; --json names all of them`] : []),
    ...warnings.map(
      ({ check, message, count, rows: some, fix }) =>
        `  warning  ${check}: ${message} (row ${some.join(', ')}${some.length < count ? ', ...' : ''}); ${fix}`,
    ),
  ];
}

function describeMet({ testPrompts, contaminated }: Contamination, against: string): string[] {
  if (contaminated.length === 0) return [`  none of the ${testPrompts} prompts of ${against} is met`];
  const named = contaminated
    .slice(0, faultsShown)
    .map(({ row, kind, share, trainRow }) =>
      kind === 'exact'
        ? `           row ${row} of it is the prompt of row ${trainRow}`
        : `           row ${row} of it: ${Math.round(100 * share)} % of its n-grams, first in row ${trainRow}`,
    );
  const more = contaminated.length - named.length;
  return [
    `  warning  contamination: ${contaminated.length} of ${testPrompts} prompts of ${against} are met; remove them from one of both`,
    ...named,
    ...(more > 0 ? [`           and ${more} more; --json names all of them`] : []),
  ];
}

function count(number: number, name: string): string {
  return `${number} ${name}${number === 1 ? '' : 's'}`;
}

/** Control characters of a file would move a terminal's cursor. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD');
}
