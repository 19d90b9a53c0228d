/** The score of a model, a responder or ready responses on a benchmark. */
import { jupyterDisplay } from '../core/display.js';
import { ApolabError } from '../core/errors.js';
import { mapOrdered } from '../core/mapOrdered.js';
import type { Refusal, Response } from '../responders/responder.js';
import type { Benchmark } from './benchmark.js';
import { benchmarkOf, type BenchmarkId, type benchmarks } from './benchmarks.js';
import { scoreOf, standardErrorOf, type EvaluatedItem, type Evaluation } from './evaluation.js';
import { responsesOf, type Evaluated } from './responses.js';
import { showEvaluation } from './showEvaluation.js';

/** Options of every evaluation; a benchmark has its own beside them (split, count, seed). */
export interface EvaluateOptions {
  /** How many prompts a model gets in one call; 512 by default. The memory of generation grows with it. */
  readonly batchSize?: number;
  /** Stops the evaluation, which then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The options of a benchmark beside those of every evaluation; they can be left out if none is required. */
export type OptionsArgument<Options extends object> = object extends Options
  ? [options?: EvaluateOptions & Options]
  : [options: EvaluateOptions & Options];

/** The options of the benchmark with this id. */
export type BenchmarkOptions<Id extends BenchmarkId> = Parameters<(typeof benchmarks)[Id]['examples']>[0];

/** How many responses are scored at the same time, for benchmarks that ask a judge. */
const scoredAtOnce = 16;

/**
 * Asks every example of a benchmark, scores every response, and gives the score with its standard error.
 *
 * For item scores `s_i` from 0 to 1 the score is `100 * sum(s_i) / n` and its standard error `100 * sd / sqrt(n)`, with the
 * sample's standard deviation `sd = sqrt(sum((s_i - mean)^2) / (n - 1))`. An answer that is refused scores 0.
 *
 * @param evaluated a model (asked in batches), a responder or a function of one prompt, or ready responses, one per example
 * @param benchmark the id of a row of the table, or a benchmark of your own
 * @throws UnknownNameError if there is no benchmark of that id; ApolabError if the benchmark has no example, if ready
 *   responses are not one per example, or if an item's score is not from 0 to 1
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
  const { batchSize = 512, signal, ...chosen } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new ApolabError(`batchSize must be a whole number of at least 1, but is ${batchSize}.`);
  const examples = await row.examples(chosen);
  if (examples.length === 0) throw new ApolabError(`${row.label} has no example for these options; nothing to score.`);
  const prompts = examples.map((example) => row.prompt(example));
  const asking = { batchSize, ...(signal === undefined ? {} : { signal }) };
  const responses = await responsesOf(evaluated, prompts, row.generation, asking);
  const scoredItem = async ([index, response]: [number, Response | Refusal]): Promise<EvaluatedItem> => ({
    prompt: prompts[index]!,
    ...(await scored(row, examples[index], response)),
  });
  const items: EvaluatedItem[] = [];
  for await (const item of mapOrdered(responses.entries(), scoredAtOnce, scoredItem)) {
    signal?.throwIfAborted();
    items.push(item);
  }
  return evaluationOf(row.label, items);
}

async function scored(
  benchmark: Benchmark,
  example: unknown,
  response: Response | Refusal,
): Promise<Omit<EvaluatedItem, 'prompt'>> {
  if (response.kind === 'skipped') return { response: null, score: 0, reason: response.reason };
  const given = await benchmark.score(example, response.text);
  const item = typeof given === 'number' ? { score: given } : given;
  if (item.score >= 0 && item.score <= 1) return { response: response.text, ...item };
  throw new ApolabError(`${benchmark.label} gave a response the score ${item.score}; a score is a number from 0 to 1.`);
}

function evaluationOf(benchmark: string, items: readonly EvaluatedItem[]): Evaluation {
  const itemScores = items.map(({ score }) => score);
  const refused = items.filter(({ response }) => response === null).length;
  const evaluation = {
    benchmark,
    score: scoreOf(itemScores),
    standardError: standardErrorOf(itemScores),
    refused,
    items,
  };
  // Not enumerable, so that the JSON of an evaluation holds its data alone.
  return Object.defineProperty(evaluation, jupyterDisplay, {
    value: () => showEvaluation(evaluation),
  }) as unknown as Evaluation;
}
