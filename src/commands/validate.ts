/** `apolab validate`: checks pairs files and gives row, column and fix of every fault. */
import type { Contamination, Validation } from '../preference.js';
import { defineCommand } from './options/defineCommand.js';
import { type OptionsOf, optionTable } from './options/optionTable.js';
import { sourceOptions } from './options/sharedOptions.js';
import { fetchProgress, rowProgress } from './sourceProgress.js';
import { countOf } from '../core/text.js';

const validateOptions = optionTable({
  against: { value: '<file>', help: 'test prompts or rows to search for in the files' },
  json: { help: 'print one object per file: {"file", "rows", "pairs", "faults", "warnings"}' },
  ...sourceOptions,
});

/** The command, for the table of commands. */
export const validateCommand = () =>
  defineCommand({
    name: 'validate',
    description:
      'check files of pairs or unpaired examples: every row that is neither, and warnings about the whole set',
    operands: [{ name: '<files...>', help: 'files, dataset folders, or datasets of the Hub (owner/name)' }],
    options: validateOptions,
    notes: [
      'The exit code is 1 if a file has faults: rows that are neither pairs nor unpaired examples. Warnings leave it at 0.',
    ],
    examples: ['npx apolab validate train.jsonl --against test.jsonl'],
    run: validate,
  });

/** How many faults are printed on a terminal; --json prints all. */
const faultsShown = 50;

async function validate({ against, json, ...options }: OptionsOf<typeof validateOptions>, files: readonly string[]) {
  const { contamination, validatePairs } = await import('../preference.js');
  for (const file of files) {
    const progress = rowProgress(`reading ${file}`);
    const found = await validatePairs(file, { ...options, ...progress.options, onFetch: fetchProgress() });
    progress.finish();
    const met = against === undefined ? undefined : await contamination(file, against, options);
    if (found.faults.length > 0) process.exitCode = 1;
    if (json) console.log(JSON.stringify({ file, ...found, ...(met === undefined ? {} : { contamination: met }) }));
    else console.log([...describe(file, found), ...(met === undefined ? [] : describeMet(met, against!))].join('\n'));
  }
}

function describe(source: string, { rows, pairs, unpaired, faults, warnings }: Validation): string[] {
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
    `${source}: ${pairsAndExamples(pairs, unpaired)} of ${rows} rows, ${countOf(faults.length, 'fault')}, ${countOf(warnings.length, 'warning')}`,
    ...named,
    ...(more > 0 ? [`  and ${more} more faults; --json prints all`] : []),
    ...warnings.map(
      ({ check, message, count, rows: some, fix }) =>
        `  warning  ${check}: ${message} (row ${some.join(', ')}${some.length < count ? ', ...' : ''}); ${fix}`,
    ),
  ];
}

/** `12 pairs`, or `30 unpaired examples (20 desirable, 10 undesirable)`, or both. */
function pairsAndExamples(pairs: number, unpaired: Validation['unpaired']): string {
  if (unpaired === undefined) return `${pairs} pairs`;
  const { desirable, undesirable } = unpaired;
  const examples = `${countOf(desirable + undesirable, 'unpaired example')} (${desirable} desirable, ${undesirable} undesirable)`;
  return pairs === 0 ? examples : `${pairs} pairs and ${examples}`;
}

function describeMet({ testPrompts, contaminated }: Contamination, against: string): string[] {
  if (contaminated.length === 0) return [`  none of the ${testPrompts} prompts of ${against} is in the rows`];
  const named = contaminated
    .slice(0, faultsShown)
    .map(({ row, kind, share, trainRow }) =>
      kind === 'exact'
        ? `           its row ${row} is the prompt of row ${trainRow}`
        : `           its row ${row}: ${Math.round(100 * share)} % of its n-grams, first in row ${trainRow}`,
    );
  const more = contaminated.length - named.length;
  return [
    `  warning  contamination: ${contaminated.length} of ${testPrompts} prompts of ${against} are in the rows; remove them from one of the two`,
    ...named,
    ...(more > 0 ? [`           and ${more} more; --json prints all`] : []),
  ];
}

/** Replaces the control characters of a file's text, which would move a terminal's cursor. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD');
}
