/** The table of a pair's measures, which summaries, figures, comparisons and the command line read. */
import type { PairContrastiveness } from './contrastiveness.js';

/** A pair's measures, with the log-probabilities of its responses if a model computed them. */
export interface MeasuredPair extends PairContrastiveness {
  readonly logProbs?: ResponseLogProbs;
}

/** Log-probabilities of a pair's two responses under a model: sums over their tokens, in nats. */
export interface ResponseLogProbs {
  readonly chosen: number;
  readonly rejected: number;
}

/** One row of the table. */
export interface Measure {
  readonly label: string;
  /** Empty for a ratio. */
  readonly unit: string;
  /** Digits after the decimal point. */
  readonly digits: number;
  /** Which values make a pair more contrastive; absent if neither does. */
  readonly contrastive?: 'higher' | 'lower';
  /** The value of a pair; undefined if it has none. */
  readonly of: (pair: MeasuredPair) => number | undefined;
}

const table = {
  jaccard: { label: 'Jaccard', unit: '', digits: 3, contrastive: 'higher', of: (pair) => pair.jaccard },
  levenshtein: {
    label: 'Levenshtein',
    unit: 'characters',
    digits: 1,
    contrastive: 'lower',
    of: (pair) => pair.levenshtein,
  },
  chosenTokens: { label: 'length, chosen', unit: 'tokens', digits: 1, of: (pair) => pair.chosenTokens },
  rejectedTokens: { label: 'length, rejected', unit: 'tokens', digits: 1, of: (pair) => pair.rejectedTokens },
  chosenCharacters: { label: 'length, chosen', unit: 'characters', digits: 1, of: (pair) => pair.chosenCharacters },
  rejectedCharacters: {
    label: 'length, rejected',
    unit: 'characters',
    digits: 1,
    of: (pair) => pair.rejectedCharacters,
  },
  lengthDifference: {
    label: 'length, chosen - rejected',
    unit: 'characters',
    digits: 1,
    of: (pair) => pair.chosenCharacters - pair.rejectedCharacters,
  },
  lengthRatio: {
    label: 'length, chosen / rejected',
    unit: '',
    digits: 3,
    // Not defined for an empty rejected response.
    of: (pair) => (pair.rejectedCharacters === 0 ? undefined : pair.chosenCharacters / pair.rejectedCharacters),
  },
  prefixCharacters: {
    label: 'common beginning',
    unit: 'share of characters',
    digits: 3,
    of: (pair) => pair.prefixCharacters,
  },
  prefixTokens: { label: 'common beginning', unit: 'share of tokens', digits: 3, of: (pair) => pair.prefixTokens },
  chosenLogProb: { label: 'log-probability, chosen', unit: 'nats', digits: 2, of: (pair) => pair.logProbs?.chosen },
  rejectedLogProb: {
    label: 'log-probability, rejected',
    unit: 'nats',
    digits: 2,
    of: (pair) => pair.logProbs?.rejected,
  },
  logProbMargin: {
    label: 'log-probability, chosen - rejected',
    unit: 'nats',
    digits: 2,
    of: ({ logProbs }) => (logProbs === undefined ? undefined : logProbs.chosen - logProbs.rejected),
  },
} as const satisfies Record<string, Measure>;

/** The id of a measure. */
export type MeasureId = keyof typeof table;
/** The measures by id. */
export const measures: Readonly<Record<MeasureId, Measure>> = table;
/** The ids of the measures, in the table's order. */
export const measureIds = Object.keys(table) as MeasureId[];

/** Formats a mean with all its digits (`0.412`, `1,234.0`), or a single value without trailing zeros (`1,234`). */
export function formatMeasure(id: MeasureId, value: number, what: 'mean' | 'value' = 'mean'): string {
  const { digits } = measures[id];
  return value.toLocaleString('en-US', {
    minimumFractionDigits: what === 'mean' ? digits : 0,
    maximumFractionDigits: digits,
  });
}
