/** The detector of rewarded length: in generated responses, in single pairs, and in batches. */
import { correlation, rises } from './drift.js';
import { change, driftOf, type Detector, type DiagnosedStep, type RewardedPair } from './evidence.js';

/** Relative growth of the generated responses' length from which on it counts. */
const longer = 0.2;
/** From this correlation of margin and length difference on, length is rewarded. */
const byLength = 0.5;

/** Longer responses get greater rewards. */
export const lengthHacking: Detector = {
  title: 'Length is rewarded, not quality',
  severity: 'warning',
  fix:
    'Use an objective that takes the mean per token (SimPO, dpo_norm, IPO), or pairs whose responses have similar lengths; ' +
    'compare scores at equal length.',
  detect: ({ steps, pairs }) => {
    const found = [generatedLonger(steps), rewardedByLength(pairs), batchesByLength(steps)];
    const sentences = found.filter((sentence) => sentence !== undefined);
    return sentences.length === 0 ? undefined : sentences.join(' ');
  },
};

function generatedLonger(steps: readonly DiagnosedStep[]): string | undefined {
  const length = driftOf(steps, 'eval_length');
  const score = driftOf(steps, 'eval_score');
  if (!length || !rises(length) || length.change < longer * length.from || (score && rises(score))) return undefined;
  const quality = score ? `, their score ${change(score)}` : '';
  return `The responses that the model writes grew ${change(length)} tokens${quality}.`;
}

function rewardedByLength(pairs: readonly RewardedPair[]): string | undefined {
  if (pairs.length < 8) return undefined;
  const found = correlation(
    pairs.map((pair) => pair.chosenReward - pair.rejectedReward),
    pairs.map((pair) => pair.chosenTokens - pair.rejectedTokens),
  );
  return found.value > byLength && found.low > 0
    ? `Over ${pairs.length} pairs the margin correlates with the difference of length by ${interval(found)}.`
    : undefined;
}

/** In the second half of a run, without the linear trend: do batches with longer chosen responses have greater margins? */
function batchesByLength(steps: readonly DiagnosedStep[]): string | undefined {
  const rows = steps
    .slice(-Math.ceil(steps.length / 2))
    .flatMap(({ 'rewards/margins': margin, 'length/chosen': chosen, 'length/rejected': rejected }) =>
      margin === undefined || chosen === undefined || rejected === undefined
        ? []
        : [{ margin, difference: chosen - rejected }],
    );
  if (rows.length < 8) return undefined;
  const found = correlation(
    withoutTrend(rows.map(({ margin }) => margin)),
    withoutTrend(rows.map(({ difference }) => difference)),
  );
  return found.value > byLength && found.low > 0
    ? `Over the last ${rows.length} batches the margin correlates with the difference of length by ${interval(found)}.`
    : undefined;
}

/** The residuals of a series after subtracting its regression line. */
function withoutTrend(values: readonly number[]): number[] {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const rise = values.reduce((sum, value, index) => sum + value * (index - middle), 0);
  const run = values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0);
  return values.map((value, index) => value - mean - (rise / run) * (index - middle));
}

const interval = ({ value, low, high }: { value: number; low: number; high: number }): string =>
  `${value.toFixed(2)} (95 % interval ${low.toFixed(2)} to ${high.toFixed(2)})`;
