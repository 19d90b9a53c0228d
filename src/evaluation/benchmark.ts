/**
 * What a benchmark is: examples, how one example is asked, and how one response is scored.
 *
 * A new benchmark is one file that declares a `Benchmark` and one row in benchmarks.ts. `evaluate` does the rest: it asks in
 * batches, counts refusals and undecided items, continues a run that was stopped, and computes the score, the scores of its
 * parts and their standard errors.
 */
import type { GenerateOptions } from '../model/index.js';
import type { Prompt } from '../pairs/pair.js';
import type { RowPrompt, RowResponse } from '../training/index.js';

/** What a benchmark needs beyond this package: files that the user brings, or a network (a judge behind an endpoint). */
export type BenchmarkNeed = 'files' | 'network';

/** A score with what explains it. */
export interface ScoredItem {
  /** From 0 (wrong) to 1 (right). */
  readonly score: number;
  readonly reason?: string;
  /** Nobody can say what the response answers; it scores 0 and is counted. */
  readonly undecided?: true;
  /** Scores of the item that count for other measures than the benchmark's own: kinds of question, strictness. */
  readonly parts?: readonly PartScore[];
  /** The verdict in the benchmark's own words, such as IFEval's `strict` and `loose`; part of the item in JSON. */
  readonly verdict?: Verdict;
}

/** A score that counts for a part of the benchmark, from 0 to 1 unless it has a unit. */
export interface PartScore {
  readonly name: string;
  readonly score: number;
  /** The unit of a measure that is no score from 0 to 1; its mean is reported in that unit, not in points. */
  readonly unit?: 'nats';
}

/** Named values of JSON. */
export type Verdict = Readonly<Record<string, unknown>>;

/** The score of one response, alone or with what explains it. */
export type ItemScore = number | ScoredItem;

/** What names an example in the benchmark's files, such as `{ key: 1000 }`. */
export type ItemId = Readonly<Record<string, string | number>>;

interface CommonBenchmark<Example, Options extends object> {
  /** Its name in tables. */
  readonly label: string;
  /** What it measures, in one sentence. */
  readonly measures: string;
  /** Empty if everything is in this package. */
  readonly needs: readonly BenchmarkNeed[];
  /** The examples, the same for the same options. Throws an ApolabError if an option is wrong or a file is missing. */
  examples(options: Options): readonly Example[] | Promise<readonly Example[]>;
  /** What names an example in its files. Ready responses of a file are found by it. */
  id?(example: Example): ItemId;
}

/**
 * A row of the table of benchmarks whose examples are answered in words.
 *
 * `Example` is one item with all that asking and scoring need (a prompt, its right answer, its constraints); `Options`
 * chooses the examples (split, count, seed, a folder of files).
 */
export interface ResponseBenchmark<Example = unknown, Options extends object = object> extends CommonBenchmark<
  Example,
  Options
> {
  /** How responses are generated. Greedy if no temperature is given; a responder is given temperature, seed and length. */
  readonly generation: GenerateOptions;
  /** What is asked: a text or a conversation. */
  prompt(example: Example): Prompt;
  /** The score of one response to that example. */
  score(example: Example, response: string, signal?: AbortSignal): ItemScore | Promise<ItemScore>;
}

/** The log-probability of one candidate under the model, `log pi(y | x)` in nats, and what it sums over. */
export interface Likelihood {
  readonly logProb: number;
  /** Tokens of the response, its end included. */
  readonly tokens: number;
  readonly characters: number;
}

/** A prompt, as pairs have it, with the responses whose log-probabilities are compared. */
export interface Candidates extends RowPrompt {
  readonly responses: readonly RowResponse[];
}

/** A row of the table whose examples compare log-probabilities: it needs a model loaded here and generates nothing. */
export interface LikelihoodBenchmark<Example = unknown, Options extends object = object> extends CommonBenchmark<
  Example,
  Options
> {
  /** What the model is given: a prompt, and the responses to compare. */
  candidates(example: Example): Candidates;
  /** The score, from the candidates' log-probabilities in their order. */
  compare(example: Example, likelihoods: readonly Likelihood[]): ItemScore;
}

/** A row of the table of benchmarks. */
export type Benchmark<Example = unknown, Options extends object = object> =
  ResponseBenchmark<Example, Options> | LikelihoodBenchmark<Example, Options>;

/** True if a benchmark compares log-probabilities. */
export function comparesLikelihoods<Example, Options extends object>(
  benchmark: Benchmark<Example, Options>,
): benchmark is LikelihoodBenchmark<Example, Options> {
  return 'candidates' in benchmark;
}
