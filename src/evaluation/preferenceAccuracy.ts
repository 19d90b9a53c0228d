/** Preference accuracy: whether a model finds the chosen response of a held-out pair likelier than the rejected one. */
import { ApolabError } from '../core/errors.js';
import type { PreferencePair } from '../pairs/pair.js';
import { readPairs } from '../pairs/rows/readPairs.js';
import type { LikelihoodBenchmark } from './benchmark.js';

/** Where the pairs are. */
export interface PreferenceAccuracyOptions {
  /** A file of pairs, a dataset folder or a dataset of the Hub. */
  readonly data: string;
  /** The split of a dataset; `test` by default in a folder or on the Hub. */
  readonly split?: string;
}

/** A pair and its number. */
export interface PreferenceExample {
  readonly row: number;
  readonly pair: PreferencePair;
}

/**
 * The benchmark: a pair scores 1 if `log pi(chosen | x) > log pi(rejected | x)`, 0.5 if both are equal. Its part `margin` is the
 * mean difference in nats, `per token` the accuracy of log-probabilities divided by the number of tokens.
 *
 * This is the accuracy of the policy itself, without a reference; `rewards/accuracies` of a run compares changes from the
 * reference instead.
 *
 * Source: Meng et al., SimPO, arXiv 2405.14734, section 4 (both accuracies).
 */
export const preferenceAccuracy: LikelihoodBenchmark<PreferenceExample, PreferenceAccuracyOptions> = {
  label: 'Preference accuracy',
  measures: 'Whether chosen responses of held-out pairs are likelier than rejected ones, and by how many nats.',
  needs: ['files'],
  examples: async ({ data, split }) => {
    const { pairs, skipped } = await readPairs(data, split === undefined ? {} : { split });
    if (pairs.length > 0) return pairs.map((pair, row) => ({ row, pair }));
    const reason = skipped[0]?.reason;
    throw new ApolabError(`${data} has no pair that can be used${reason === undefined ? '' : ` (${reason})`}.`);
  },
  id: ({ row }) => ({ row }),
  candidates: ({ pair }) => {
    const { chosen, rejected } = pair.responseMessages ?? pair;
    return { ...pair, responses: [chosen, rejected] };
  },
  compare: (_, [chosen, rejected]) => {
    const margin = chosen!.logProb - rejected!.logProb;
    const perToken = chosen!.logProb / chosen!.tokens - rejected!.logProb / rejected!.tokens;
    return {
      score: shareOf(margin),
      parts: [
        { name: 'per token', score: shareOf(perToken) },
        { name: 'margin', score: margin, unit: 'nats' },
      ],
      verdict: { chosen: chosen!.logProb, rejected: rejected!.logProb, margin },
    };
  },
};

/** 1 for a positive difference, 0.5 for none. */
const shareOf = (difference: number) => (difference > 0 ? 1 : difference === 0 ? 0.5 : 0);
