/** The score of a model, a responder or ready responses on a benchmark. */
import { jupyterDisplay } from '../core/display.js';
import { ApolabError } from '../core/errors.js';
import { hash } from '../core/hash.js';
import { comparesLikelihoods, type Benchmark } from './benchmark.js';
import { benchmarkOf, type BenchmarkId, type benchmarks } from './benchmarks.js';
import { evaluatedItems, type Ordered } from './evaluatedItems.js';
import { partsOf, scoreOf, standardErrorOf, type EvaluatedItem, type Evaluation } from './evaluation.js';
import type { Evaluated } from './responses.js';
import { showEvaluation } from './showEvaluation.js';
import { openUnfinished, type Unfinished } from './unfinished.js';

/** Options of every evaluation; a benchmark has its own beside them (split, count, seed, a folder of files). */
export interface EvaluateOptions {
  /** Only the first examples; all by default. */
  readonly limit?: number;
  /** How many prompts a model gets in one call; 512 by default. The memory of generation grows with it. */
  readonly batchSize?: number;
  /**
   * A file that keeps the items until all are finished. After a kill, the same call goes on after the last of them; a file of
   * another evaluation is an error.
   */
  readonly unfinished?: string;
  /** Called after each item, also for those that an earlier run finished. */
  readonly onItem?: (item: EvaluatedItem, done: number, total: number) => void;
  /** Stops the evaluation, which then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The options of a benchmark beside those of every evaluation; they can be left out if none is required. */
export type OptionsArgument<Options extends object> = object extends Options
  ? [options?: EvaluateOptions & Options]
  : [options: EvaluateOptions & Options];

/** The options of the benchmark with this id. */
export type BenchmarkOptions<Id extends BenchmarkId> = Parameters<(typeof benchmarks)[Id]['examples']>[0];

/**
 * Asks every example of a benchmark, scores every response, and gives the score with its standard error.
 *
 * For item scores `s_i` from 0 to 1 the score is `100 * sum(s_i) / n` and its standard error `100 * sd / sqrt(n)`, with the
 * sample's standard deviation `sd = sqrt(sum((s_i - mean)^2) / (n - 1))`. An answer that is refused, or that nobody can read,
 * scores 0 and is counted.
 *
 * @param evaluated a model (asked in batches), a responder or a function of one prompt, or ready responses: one per example, or
 *   those of a file (`readResponses`)
 * @param benchmark the id of a row of the table, or a benchmark of your own
 * @throws UnknownNameError if there is no benchmark of that id; ApolabError if the benchmark has no example, if ready
 *   responses are not one per example, if an item's score is not from 0 to 1, or if the benchmark compares log-probabilities and
 *   there is no model
 * @example
 * const answers = ['it is 4 coins', 'at the mill', 'it is 9 coins', 'tea'];
 * const { score, standardError } = await evaluate(answers, 'village_hard', { count: 4 });
 */
export function evaluate<Id extends BenchmarkId>(
  evaluated: Evaluated,
  benchmark: Id,
  ...options: OptionsArgument<BenchmarkOptions<Id>>
): Promise<Evaluation>;
export function evaluate<Example, Options extends object>(
  evaluated: Evaluated,
  benchmark: Benchmark<Example, Options>,
  ...options: OptionsArgument<Options>
): Promise<Evaluation>;
export async function evaluate(
  evaluated: Evaluated,
  benchmark: BenchmarkId | Benchmark,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const row = typeof benchmark === 'string' ? benchmarkOf(benchmark) : benchmark;
  const { batchSize = 512, limit, signal, unfinished: file, onItem, ...chosen } = options;
  for (const [name, value] of Object.entries({ batchSize, limit })) {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    throw new ApolabError(`${name} must be a whole number of at least 1, but is ${value}.`);
  }
  const all = await row.examples(chosen);
  if (all.length === 0) throw new ApolabError(`${row.label} has no example for these options; nothing to score.`);
  const { ordered, examples } = selected(row, evaluated, all, limit);
  const unfinished = file === undefined ? undefined : await openFile(file, row, ordered, examples, batchSize);
  const items: EvaluatedItem[] = [];
  const take = (item: EvaluatedItem) => {
    items.push(item);
    onItem?.(item, items.length, examples.length);
  };
  unfinished?.items.forEach(take);
  const rest = items.length;
  const left = Array.isArray(ordered) ? ordered.slice(rest) : ordered;
  const asking = { batchSize, ...(signal === undefined ? {} : { signal }) };
  for await (const item of evaluatedItems(row, left, examples.slice(rest), asking)) {
    signal?.throwIfAborted();
    await unfinished?.add(item);
    take(item);
  }
  await unfinished?.remove();
  return evaluationOf(row.label, items);
}

/** The examples that are scored, and what is evaluated in their order. Responses of a file are found by the examples' names. */
function selected(
  row: Benchmark,
  evaluated: Evaluated,
  all: readonly unknown[],
  limit: number | undefined,
): { readonly ordered: Ordered; readonly examples: readonly unknown[] } {
  if (!isFromFile(evaluated)) return { ordered: evaluated, examples: all.slice(0, limit) };
  const answered = all.flatMap((example) => {
    const response = row.id === undefined ? undefined : evaluated.of(row.id(example));
    return response === undefined ? [] : [{ example, response }];
  });
  if (answered.length === 0) {
    const names = row.id === undefined ? undefined : Object.keys(row.id(all[0])).join(' and ');
    throw new ApolabError(
      `No response of ${evaluated.source} belongs to an example of ${row.label}${names === undefined ? '' : `: its rows must name one by ${names}`}.`,
    );
  }
  const some = answered.slice(0, limit);
  return { ordered: some.map(({ response }) => response), examples: some.map(({ example }) => example) };
}

const isFromFile = (evaluated: Evaluated): evaluated is Exclude<Evaluated, Ordered> =>
  'of' in evaluated && 'source' in evaluated;

async function openFile(
  file: string,
  row: Benchmark,
  evaluated: Ordered,
  examples: readonly unknown[],
  batchSize: number,
): Promise<Unfinished> {
  const asked = comparesLikelihoods(row)
    ? examples.map((example) => row.candidates(example))
    : [row.generation, ...examples.map((example) => row.prompt(example))];
  const who = Array.isArray(evaluated) ? JSON.stringify(evaluated) : 'name' in evaluated ? evaluated.name : 'model';
  const inBatches = 'generate' in evaluated;
  return openUnfinished(file, hash(row.label, JSON.stringify(asked), who), (items) =>
    inBatches ? items - (items % batchSize) : items,
  );
}

function evaluationOf(benchmark: string, items: readonly EvaluatedItem[]): Evaluation {
  const itemScores = items.map(({ score }) => score);
  const count = (is: (item: EvaluatedItem) => boolean | undefined) => items.filter((item) => is(item) === true).length;
  const evaluation = {
    benchmark,
    score: scoreOf(itemScores),
    standardError: standardErrorOf(itemScores),
    n: items.length,
    refused: count(({ refused }) => refused),
    undecided: count(({ undecided }) => undecided),
    parts: partsOf(items.map(({ parts = [] }) => parts)),
    items,
  };
  // Not enumerable, so that the JSON of an evaluation holds its data alone.
  return Object.defineProperty(evaluation, jupyterDisplay, {
    value: () => showEvaluation(evaluation),
  }) as unknown as Evaluation;
}
