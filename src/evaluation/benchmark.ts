/**
 * What a benchmark is: examples, how one example is asked, and how one response is scored.
 *
 * A new benchmark is one file that declares a `Benchmark` and one row in benchmarks.ts. `evaluate` does the rest: it asks in
 * batches, counts refusals, and computes the score and its standard error.
 */
import type { GenerateOptions } from '../model/index.js';
import type { Prompt } from '../pairs/pair.js';

/** What a benchmark needs beyond this package: files that the user brings, or a network (a judge behind an endpoint). */
export type BenchmarkNeed = 'files' | 'network';

/** The score of one response, from 0 (wrong) to 1 (right), alone or with the reason for it. */
export type ItemScore = number | { readonly score: number; readonly reason: string };

/**
 * A row of the table of benchmarks.
 *
 * `Example` is one item with all that asking and scoring need (a prompt, its right answer, its constraints); `Options`
 * chooses the examples (split, count, seed, a folder of files).
 */
export interface Benchmark<Example = unknown, Options extends object = object> {
  /** Its name in tables. */
  readonly label: string;
  /** What it measures, in one sentence. */
  readonly measures: string;
  /** Empty if everything is in this package. */
  readonly needs: readonly BenchmarkNeed[];
  /** How responses are generated. Greedy if no temperature is given; a responder is given temperature, seed and length. */
  readonly generation: GenerateOptions;
  /** The examples, the same for the same options. Throws an ApolabError if an option is wrong or a file is missing. */
  examples(options: Options): readonly Example[] | Promise<readonly Example[]>;
  /** What is asked: a text or a conversation. */
  prompt(example: Example): Prompt;
  /** The score of one response to that example. */
  score(example: Example, response: string): ItemScore | Promise<ItemScore>;
}
