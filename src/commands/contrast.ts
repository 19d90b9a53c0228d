/** `apolab contrast`: how contrastive the pairs of files are, file by file and side by side. */
import { Command } from 'commander';
import { ApolabError } from '../core/errors.js';
import { jupyterDisplay, type Displayable } from '../core/display.js';
import type {
  ContrastivenessOptions,
  MeasureSummary,
  PreferencePair,
  ReadPairsOptions,
  SkippedRow,
  SetSummary,
  streamPairs as StreamPairs,
} from '../preference.js';
import type { Interval } from '../core/statistics.js';
import { backendOption, checkModelFolder, positiveWholeNumber } from './options.js';
import { showFetching, showRows, sourceOptions, type SourceFlags } from './sources.js';

interface Options extends SourceFlags {
  readonly tokenizer: string;
  readonly model?: string;
  readonly batchSize: number;
  readonly backend?: string;
  readonly json?: true;
}

/** What a model adds: log-probabilities, and a reason for each pair that it can't have as tokens. */
interface Model extends Pick<ContrastivenessOptions, 'logProbs' | 'batchSize'> {
  readonly check?: (pair: PreferencePair) => string | undefined;
}

export function contrastCommand(): Command {
  const command = new Command('contrast')
    .description('how contrastive pairs are: Jaccard, Levenshtein, lengths, common beginnings, with 95 % intervals')
    .argument('<file...>', 'JSONL, CSV or Parquet files, dataset folders, or datasets of the Hub (owner/name)')
    .option('--tokenizer <name>', "'whitespace', or the folder of a model whose tokenizer to use", 'whitespace')
    .option('--model <folder>', 'adds the log-probabilities of both responses under this model')
    .option('--batch-size <pairs>', 'pairs a forward pass of the model', positiveWholeNumber, 16)
    .addOption(backendOption())
    .option('--json', 'print one object a file: the means by name, their intervals and the medians');
  for (const option of sourceOptions()) command.addOption(option);
  return command
    .addHelpText(
      'after',
      '\nJaccard is shared tokens over all tokens, as sets; Levenshtein counts edits in characters. Intervals are of the' +
        '\nmean (t) and of the median (by ranks). Rows that are no pairs are told on standard error.' +
        '\n\nExample:\n  $ npx apolab contrast clair.jsonl judged.parquet --tokenizer datasets/miniature-world/policy-0 --json',
    )
    .action(printContrast);
}

async function printContrast(files: readonly string[], options: Options) {
  const { tokenizer, model: folder, batchSize, backend, json, ...flags } = options;
  if (folder !== undefined) checkModelFolder(folder);
  const preference = await import('../preference.js');
  const tokenize = tokenizer === 'whitespace' ? undefined : await preference.readTokenize(tokenizer);
  const model = folder === undefined ? {} : await loadModel(folder, batchSize, backend);
  const sets: Record<string, SetSummary> = {};
  for (const file of files) {
    const shown = showRows(`contrast ${file}`, 16);
    const { check } = model;
    const source = { ...flags, ...shown.options, onFetch: showFetching(), ...(check === undefined ? {} : { check }) };
    const rows = readRows(file, preference.streamPairs, source);
    const summary = await preference
      .contrastivenessOf(rows.pairs(), { title: file, ...model, ...(tokenize === undefined ? {} : { tokenize }) })
      .catch((error: unknown) => {
        if (rows.used() > 0 || rows.skipped.length === 0) throw error;
        console.error(preference.formatSkipped(rows.skipped, file));
        throw new ApolabError(`${file} has no row that is a pair.`);
      });
    shown.finish();
    sets[file] = summary;
    if (rows.skipped.length > 0) console.error(preference.formatSkipped(rows.skipped, file));
    if (json) console.log(JSON.stringify(toJson(file, tokenizer, summary, rows.skipped.length)));
    else console.log(`${textOf(summary)}\n`);
  }
  if (files.length > 1 && !json) console.log(textOf(preference.compare(sets)));
}

const textOf = (shown: Displayable) => String(shown[jupyterDisplay]()['text/plain']);

/** Means under the measures' own names, so that `.jaccard` is what one expects; the rest beside them. */
function toJson(file: string, tokenizer: string, { pairs, measures }: SetSummary, skipped: number) {
  const each = <T>(value: (summary: MeasureSummary) => T) =>
    Object.fromEntries(Object.entries(measures).map(([id, summary]) => [id, value(summary)]));
  const ends = (interval: Interval | null) => (interval === null ? null : [interval.low, interval.high]);
  return {
    file,
    pairs,
    skipped,
    tokenizer,
    ...each(({ mean }) => mean),
    intervals: each(({ interval }) => ends(interval)),
    medians: each(({ median }) => median),
    medianIntervals: each(({ medianInterval }) => ends(medianInterval)),
    counts: each(({ count }) => count),
  };
}

/** So much of a row that gave no pair is kept for the message about it. */
const textKept = 200;

/** The pairs of a file as they come, and what could not be used. */
function readRows(file: string, streamPairs: typeof StreamPairs, options: ReadPairsOptions & RowCounter) {
  const skipped: SkippedRow[] = [];
  let rows = 0;
  return {
    skipped,
    used: () => rows - skipped.length,
    async *pairs(): AsyncGenerator<PreferencePair, void> {
      for await (const row of streamPairs(file, options)) {
        if (row.kind === 'pair') yield row.pair;
        else skipped.push({ line: row.row, reason: row.reason, text: row.text.slice(0, textKept) });
        options.onRow((rows += 1));
      }
    },
  };
}

interface RowCounter {
  onRow(rows: number): void;
}

async function loadModel(folder: string, batchSize: number, backend: string | undefined): Promise<Model> {
  // Loaded here, so that counting characters does not wait for TensorFlow.js.
  const [{ useBackend }, { fromPretrained }, training] = await Promise.all([
    import('../tensor/index.js'),
    import('../model/index.js'),
    import('../training/index.js'),
  ]);
  await useBackend(backend);
  const { tokenizer, config, parameters } = await fromPretrained(folder);
  const encode = (pair: PreferencePair) => {
    const tokens = training.tokensOrReason(tokenizer, pair);
    if (typeof tokens === 'string') throw new ApolabError(tokens);
    return tokens;
  };
  return {
    batchSize,
    check: (pair) => {
      const tokens = training.tokensOrReason(tokenizer, pair);
      return typeof tokens === 'string' ? tokens : undefined;
    },
    logProbs: async (pairs) => {
      const values = await training.computeResponseLogProbs(parameters, config, pairs.map(encode), batchSize);
      return pairs.map((_, index) => ({ chosen: values[2 * index]!, rejected: values[2 * index + 1]! }));
    },
  };
}
