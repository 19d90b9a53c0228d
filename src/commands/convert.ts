/** `apolab convert`: pairs from any format into any other, with progress, one part of the file in memory at a time. */
import { ApolabError } from '../core/errors.js';
import { formatIds } from '../pairs/formats/formats.js';
import { type FormId, forms } from '../pairs/rows/rowOfPair.js';
import { abortOnSignals } from './abortOnSignals.js';
import { defineCommand } from './options/defineCommand.js';
import { type OptionsOf, optionTable } from './options/optionTable.js';
import { sourceOptions } from './options/sharedOptions.js';
import { fetchProgress, rowProgress } from './sourceProgress.js';

const convertOptions = optionTable({
  form: {
    value: '<form>',
    help: 'how pairs are written',
    choices: Object.keys(forms) as FormId[],
    default: 'as-is',
  },
  format: { value: '<format>', help: "format to write, if the file's ending does not say", choices: formatIds },
  deduplicate: { help: 'leave out pairs whose prompt and both responses came before' },
  json: { help: 'print the counts as one object' },
  ...sourceOptions,
});

/** The command, for the table of commands. */
export const convertCommand = () =>
  defineCommand({
    name: 'convert',
    description:
      'convert pairs between JSONL, CSV, Parquet, dataset folders and the Hub, in the columns that TRL reads',
    operands: [
      { name: '<in>', help: 'file, dataset folder, or dataset of the Hub (owner/name)' },
      { name: '<out>', help: 'file to write; a name without an ending is a dataset folder' },
    ],
    options: convertOptions,
    notes: [
      'Rows that are not pairs are skipped and kept in OUT.skipped.jsonl, each with its number, its reason and its values.',
      'A dataset of the Hub is fetched once; HF_TOKEN opens private ones, HF_HUB_OFFLINE=1 reads only from the cache.',
    ],
    examples: [
      'npx apolab convert pairs.jsonl pairs.parquet --form conversational',
      'npx apolab convert ContextualAI/ultrafeedback_clair_32k clair.jsonl --split train',
    ],
    run: convert,
  });

async function convert({ json, ...options }: OptionsOf<typeof convertOptions>, source: string, target: string) {
  const { convertPairs } = await import('../preference.js');
  const progress = rowProgress('converting');
  const stop = new AbortController();
  // Otherwise what was written so far would be left beside the target.
  abortOnSignals(stop, () => new ApolabError(`Stopped. ${target} is as it was before.`));
  const counts = await convertPairs(source, target, {
    signal: stop.signal,
    ...options,
    ...progress.options,
    onFetch: fetchProgress(),
  });
  progress.finish();
  if (json) {
    console.log(JSON.stringify(counts));
    return;
  }
  const left = counts.duplicates === 0 ? '' : `, ${counts.duplicates} duplicates left out`;
  console.log(`${target}: ${counts.pairs} pairs of ${counts.rows} rows${left}`);
  if (counts.skippedFile !== undefined) {
    const rows = counts.skipped === 1 ? 'row' : 'rows';
    console.error(`${counts.skipped} ${rows} skipped; each with its reason in ${counts.skippedFile}`);
  }
}
