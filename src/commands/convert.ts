/** `apolab convert`: pairs from any format into any other, with progress, in flat memory. */
import { Command, Option } from 'commander';
import { ApolabError } from '../core/errors.js';
import { formatIds, type FormatId } from '../pairs/formats/formats.js';
import { forms, type FormId } from '../pairs/rows/rowOfPair.js';
import { showRows, showFetching, sourceOptions, type SourceFlags } from './sources.js';

interface Options extends SourceFlags {
  readonly form: FormId;
  readonly format?: FormatId;
  readonly deduplicate?: true;
  readonly json?: true;
}

export function convertCommand(): Command {
  const command = new Command('convert')
    .description('converts pairs between JSONL, CSV, Parquet, dataset folders and the Hub, in the columns TRL reads')
    .argument('<in>', 'file, dataset folder, or dataset of the Hub (owner/name)')
    .argument('<out>', 'file to write; a name without an ending is a dataset folder')
    .addOption(new Option('--form <form>', 'how pairs are written').choices(Object.keys(forms)).default('as-is'))
    .addOption(new Option('--format <format>', 'format to write, where the ending does not say').choices(formatIds))
    .option('--deduplicate', 'leave out pairs whose prompt and both responses came before')
    .option('--json', 'print the counts as one object');
  for (const option of sourceOptions()) command.addOption(option);
  return command
    .addHelpText(
      'after',
      '\nRows that are no pairs are kept in OUT.skipped.jsonl, each with its number, its reason and what it held.' +
        '\nA dataset of the Hub is fetched once; HF_TOKEN opens private ones, HF_HUB_OFFLINE=1 keeps to the cache.' +
        '\n\nExamples:\n  $ npx apolab convert pairs.jsonl pairs.parquet --form conversational' +
        '\n  $ npx apolab convert ContextualAI/ultrafeedback_clair_32k clair.jsonl --split train',
    )
    .action(convert);
}

async function convert(source: string, target: string, { form, format, deduplicate, json, ...flags }: Options) {
  const { convertPairs } = await import('../preference.js');
  const shown = showRows('converting');
  const stop = new AbortController();
  const stopped = () => stop.abort(new ApolabError(`Stopped. ${target} is as it was before.`));
  // Otherwise what was written so far would be left beside the target.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stopped);
  const counts = await convertPairs(source, target, {
    signal: stop.signal,
    ...flags,
    form,
    ...(format === undefined ? {} : { format }),
    ...(deduplicate === undefined ? {} : { deduplicate }),
    ...shown.options,
    onFetch: showFetching(),
  });
  shown.finish();
  if (json) {
    console.log(JSON.stringify(counts));
    return;
  }
  const left = counts.duplicates === 0 ? '' : `, ${counts.duplicates} duplicates left out`;
  console.log(`${target}: ${counts.pairs} pairs of ${counts.rows} rows${left}`);
  if (counts.skippedFile !== undefined) {
    console.error(`${counts.skipped} rows are no pairs; they are in ${counts.skippedFile}, each with its reason.`);
  }
}
