/** The table of benchmarks. Ids, types and error messages follow from its rows. */
import { UnknownNameError } from '../core/errors.js';
import type { Benchmark } from './benchmark.js';
import { ifeval } from './ifeval/ifeval.js';
import { mixeval, mixevalHard } from './mixeval/mixeval.js';
import { multipleChoice } from './multipleChoice.js';
import { preferenceAccuracy } from './preferenceAccuracy.js';
import { villageHard } from './villageHard.js';
import { winRate } from './winRate.js';

/**
 * The benchmarks, by id.
 *
 * @example
 * benchmarks.village_hard.needs; // []
 */
export const benchmarks = {
  village_hard: villageHard,
  ifeval,
  mixeval_hard: mixevalHard,
  mixeval,
  multiple_choice: multipleChoice,
  preference_accuracy: preferenceAccuracy,
  win_rate: winRate,
} as const satisfies Record<string, Benchmark>;

/** A benchmark's id: the key of its row. */
export type BenchmarkId = keyof typeof benchmarks;

/** Every id, in the order of the rows. */
export const benchmarkIds = Object.keys(benchmarks) as readonly BenchmarkId[];

/** The row of an id. Throws an UnknownNameError with the nearest id if there is none. */
export function benchmarkOf(id: string): Benchmark {
  if (!Object.hasOwn(benchmarks, id)) throw new UnknownNameError('benchmark', id, benchmarkIds);
  return benchmarks[id as BenchmarkId];
}
