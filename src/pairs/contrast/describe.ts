/** A set of pairs in numbers: every measure's mean and median with intervals, and its distribution. */
import { distributions, type Figure } from '../../charts/index.js';
import { ApolabError } from '../../core/errors.js';
import { jupyterDisplay, type Displayable } from '../../core/display.js';
import { createRandom } from '../../core/random.js';
import type { PreferencePair } from '../pair.js';
import { contrastivenessOfPair } from './contrastiveness.js';
import { measureIds, measures, type MeasuredPair, type MeasureId, type ResponseLogProbs } from './measures.js';
import { summaryHtml, summaryText } from './summaryTable.js';
import { runningStatistics, type MeasureSummary } from '../../core/runningStatistics.js';
import type { Tokenize } from './splitAtWhiteSpace.js';

/** What a set is like; as the last value of a cell a table of its measures with their distributions. */
export interface SetSummary extends Displayable {
  readonly pairs: number;
  /** By measure; those that no pair has are left out. */
  readonly measures: Readonly<Partial<Record<MeasureId, MeasureSummary>>>;
  /** Four distributions: Jaccard, Levenshtein, difference in length, common beginning. */
  readonly figure: Figure;
}

export interface DescribeOptions {
  /** Text to tokens, for Jaccard and the lengths in tokens; split at white space unless given. */
  readonly tokenize?: Tokenize;
  /** Log-probabilities of the responses under a model, pair by pair (in nats, summed over their tokens). */
  readonly logProbs?: readonly ResponseLogProbs[];
  /** Stands above the table. */
  readonly title?: string;
}

export interface ContrastivenessOptions extends Omit<DescribeOptions, 'logProbs'> {
  /** The same of some pairs at a time, asked as they come. */
  readonly logProbs?: (
    pairs: readonly PreferencePair[],
  ) => readonly ResponseLogProbs[] | Promise<readonly ResponseLogProbs[]>;
  /** Pairs a call of `logProbs`; 16 by default. */
  readonly batchSize?: number;
}

/**
 * Summarises a set: contrastiveness, lengths, common beginnings and, where they are given, log-probabilities.
 *
 * @throws ApolabError where there are no pairs, or not as many log-probabilities as pairs
 * @example
 * preference.describe(pairs)
 */
export function describe(pairs: readonly PreferencePair[], options: DescribeOptions = {}): SetSummary {
  const { tokenize, logProbs, title } = options;
  if (logProbs !== undefined) requireEach(logProbs, pairs);
  const tallies = createTallies();
  pairs.forEach((pair, index) => tallies.add(contrastivenessOfPair(pair, tokenize), logProbs?.[index]));
  return tallies.summary(title);
}

/**
 * The same of pairs as they come, in memory that doesn't grow with them. Medians and distributions are exact up to 100,000
 * pairs and of a sample of so many beyond; everything else is exact.
 *
 * @example
 * const summary = await preference.contrastivenessOf(world.buildPairs(village, 'clair', policy, { count: 64, seed: 0 }));
 */
export async function contrastivenessOf(
  pairs: Iterable<PreferencePair> | AsyncIterable<PreferencePair>,
  { tokenize, logProbs, batchSize = 16, title }: ContrastivenessOptions = {},
): Promise<SetSummary> {
  const tallies = createTallies();
  const size = logProbs === undefined ? 1 : batchSize;
  let batch: PreferencePair[] = [];
  const addBatch = async () => {
    const given = await logProbs?.(batch);
    if (given !== undefined) requireEach(given, batch);
    batch.forEach((pair, index) => tallies.add(contrastivenessOfPair(pair, tokenize), given?.[index]));
    batch = [];
  };
  for await (const pair of pairs) {
    batch.push(pair);
    if (batch.length >= size) await addBatch();
  }
  if (batch.length > 0) await addBatch();
  return tallies.summary(title);
}

function createTallies() {
  // Seeded, so that the same pairs give the same sample.
  const tallies = new Map(measureIds.map((id) => [id, runningStatistics(createRandom(0, 'contrastiveness', id))]));
  let count = 0;
  return {
    add(contrastiveness: MeasuredPair, logProbs: ResponseLogProbs | undefined) {
      count += 1;
      const measured: MeasuredPair = logProbs === undefined ? contrastiveness : { ...contrastiveness, logProbs };
      for (const [id, tally] of tallies) {
        const value = measures[id].of(measured);
        if (value !== undefined) tally.add(value);
      }
    },
    summary(title: string | undefined): SetSummary {
      if (count === 0) throw new ApolabError('Contrastiveness is a mean over pairs, and there are none.');
      const summaries = [...tallies].flatMap(([id, tally]) => {
        const summary = tally.summary();
        return summary === undefined ? [] : [[id, summary] as const];
      });
      return createSummary(count, Object.fromEntries(summaries), title);
    },
  };
}

function createSummary(pairs: number, summaries: SetSummary['measures'], title: string | undefined): SetSummary {
  return {
    pairs,
    measures: summaries,
    get figure() {
      return distributions(
        shownDistributions.flatMap((id) => {
          const summary = summaries[id];
          if (summary === undefined) return [];
          const { label, unit } = measures[id];
          return [
            { title: label, unit: unit === '' ? 'share' : unit, mean: summary.mean, histogram: summary.histogram },
          ];
        }),
      );
    },
    [jupyterDisplay]: () => ({
      'text/html': summaryHtml(pairs, summaries, title),
      'text/plain': summaryText(pairs, summaries, title),
    }),
  };
}

/** What a set's four distributions are of. */
export const shownDistributions = ['jaccard', 'levenshtein', 'lengthDifference', 'prefixCharacters'] as const;

function requireEach(logProbs: readonly ResponseLogProbs[], pairs: readonly PreferencePair[]): void {
  if (logProbs.length === pairs.length) return;
  throw new ApolabError(
    `There are log-probabilities of ${logProbs.length} pairs, and ${pairs.length} pairs; there must be one a pair, in their order.`,
  );
}
