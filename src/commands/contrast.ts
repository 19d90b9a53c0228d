/** `apolab contrast`: how contrastive the pairs of files are, file by file and side by side. */
import { type Displayable, jupyterDisplay } from '../core/display.js';
import { ApolabError } from '../core/errors.js';
import type { Interval } from '../core/statistics.js';
import type {
  ContrastivenessOptions,
  MeasureSummary,
  PreferencePair,
  ReadPairsOptions,
  SetSummary,
  SkippedRow,
  streamPairs as StreamPairs,
} from '../preference.js';
import { defineCommand } from './options/defineCommand.js';
import { type OptionsOf, optionTable } from './options/optionTable.js';
import { parseCount } from './options/parseValues.js';
import { backendOption, checkModelFolder, sourceOptions } from './options/sharedOptions.js';
import { fetchProgress, rowProgress } from './sourceProgress.js';

const contrastOptions = optionTable({
  tokenizer: {
    value: '<name>',
    help: "'whitespace', or the folder of a model whose tokenizer to use",
    default: 'whitespace',
  },
  model: { value: '<folder>', help: 'add the log-probabilities of both responses under this model' },
  batchSize: { value: '<pairs>', help: 'pairs per forward pass of the model', parse: parseCount, default: 16 },
  ...backendOption,
  json: { help: 'print one object per file: the means by name, their intervals and the medians' },
  ...sourceOptions,
});

/** The command, for the table of commands. */
export const contrastCommand = () =>
  defineCommand({
    name: 'contrast',
    description: 'how contrastive pairs are: Jaccard, Levenshtein, lengths, common prefixes, with 95 % intervals',
    operands: [
      { name: '<file...>', help: 'JSONL, CSV or Parquet files, dataset folders, or datasets of the Hub (owner/name)' },
    ],
    options: contrastOptions,
    notes: [
      'Jaccard is shared tokens divided by all tokens, as sets; Levenshtein counts edits in characters. Intervals are of the',
      'mean (t) and of the median (by ranks). Skipped rows are reported on standard error.',
    ],
    examples: ['npx apolab contrast clair.jsonl judged.parquet --tokenizer datasets/miniature-world/policy-0 --json'],
    run: printContrast,
  });

/** What a model adds: log-probabilities, and the reason why a pair cannot be tokenized. */
interface Model extends Pick<ContrastivenessOptions, 'logProbs' | 'batchSize'> {
  readonly check?: (pair: PreferencePair) => string | undefined;
}

async function printContrast(options: OptionsOf<typeof contrastOptions>, files: readonly string[]) {
  const { tokenizer, model: folder, batchSize, backend, json, ...reading } = options;
  if (folder !== undefined) checkModelFolder(folder);
  const preference = await import('../preference.js');
  const tokenize = tokenizer === 'whitespace' ? undefined : await preference.readTokenize(tokenizer);
  const model = folder === undefined ? {} : await loadModel(folder, batchSize, backend);
  const sets: Record<string, SetSummary> = {};
  for (const file of files) {
    const progress = rowProgress(`contrast ${file}`, 16);
    const { check } = model;
    const rows = readRows(file, preference.streamPairs, {
      ...reading,
      ...progress.options,
      onFetch: fetchProgress(),
      ...(check === undefined ? {} : { check }),
    });
    const summary = await preference
      .contrastivenessOf(rows.pairs(), { title: file, ...model, ...(tokenize === undefined ? {} : { tokenize }) })
      .catch((error: unknown) => {
        if (rows.used() > 0 || rows.skipped.length === 0) throw error;
        console.error(preference.formatSkipped(rows.skipped, file));
        throw new ApolabError(`${file} has no row that is a pair.`);
      });
    progress.finish();
    sets[file] = summary;
    if (rows.skipped.length > 0) console.error(preference.formatSkipped(rows.skipped, file));
    if (json) console.log(JSON.stringify(toJson(file, tokenizer, summary, rows.skipped.length)));
    else console.log(`${textOf(summary)}\n`);
  }
  if (files.length > 1 && !json) console.log(textOf(preference.compare(sets)));
}

const textOf = (shown: Displayable) => String(shown[jupyterDisplay]()['text/plain']);

/** Means under the measures' own names, so that `.jaccard` is a number; intervals, medians and counts beside them. */
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

/** Characters of a skipped row that are kept for the message about it. */
const textKept = 200;

/** The pairs of a file as they are read, and the rows that were skipped. */
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
    logProbs: (pairs) => {
      const values = training.computeResponseLogProbs(parameters, config, pairs.map(encode), batchSize);
      return pairs.map((_, index) => ({ chosen: values[2 * index]!, rejected: values[2 * index + 1]! }));
    },
  };
}
