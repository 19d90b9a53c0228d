/** Summarises a set of pairs: for each measure the mean and median with intervals, and the distribution. */
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

/** The summary of a set. As the last value of a notebook cell it shows a table of the measures with their distributions. */
export interface SetSummary extends Displayable {
  /** How many pairs the set has. */
  readonly pairs: number;
  /** By measure; measures that no pair has are absent. */
  readonly measures: Readonly<Partial<Record<MeasureId, MeasureSummary>>>;
  /** Four distributions: Jaccard similarity, Levenshtein distance, difference in length, common prefix. */
  readonly figure: Figure;
}

/** How a set is summarised. */
export interface DescribeOptions {
  /** For Jaccard similarity and the lengths in tokens; splits at white space by default. */
  readonly tokenize?: Tokenize;
  /** Log-probabilities of the responses under a model, one entry per pair (in nats, summed over the tokens). */
  readonly logProbs?: readonly ResponseLogProbs[];
  /** The title of the table. */
  readonly title?: string;
}

/** How a stream of pairs is summarised. */
export interface ContrastivenessOptions extends Omit<DescribeOptions, 'logProbs'> {
  /** Computes the log-probabilities of a batch of pairs. */
  readonly logProbs?: (
    pairs: readonly PreferencePair[],
  ) => readonly ResponseLogProbs[] | Promise<readonly ResponseLogProbs[]>;
  /** Pairs per call of `logProbs`; 16 by default. */
  readonly batchSize?: number;
}

/**
 * Summarises a set: contrastiveness, lengths, common prefixes and, if they are given, log-probabilities.
 *
 * @throws ApolabError if there are no pairs, or not as many log-probabilities as pairs
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
 * Summarises a stream of pairs in bounded memory. Up to 100,000 pairs everything is exact; beyond that, medians and
 * distributions are those of a random sample of 100,000 pairs.
 *
 * @throws ApolabError if there are no pairs, or not as many log-probabilities as pairs
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
  // A fixed seed: the same pairs give the same sample.
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
      if (count === 0) throw new ApolabError('Contrastiveness is a mean over pairs, but there are no pairs.');
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

/** The measures whose distributions a set's figure shows. */
export const shownDistributions = ['jaccard', 'levenshtein', 'lengthDifference', 'prefixCharacters'] as const;

function requireEach(logProbs: readonly ResponseLogProbs[], pairs: readonly PreferencePair[]): void {
  if (logProbs.length === pairs.length) return;
  throw new ApolabError(
    `There are log-probabilities of ${logProbs.length} pairs, but ${pairs.length} pairs; give one entry per pair, in their order.`,
  );
}
