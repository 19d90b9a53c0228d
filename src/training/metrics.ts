/** What a step logs, by TRL's names, and how it comes from what its micro-batches measured. */

/**
 * What one step did, under the names by which TRL logs it; log-probabilities and rewards are means over a micro-batch's
 * pairs, and the mean of those over the micro-batches of the step.
 */
export interface StepMetrics {
  /** Counted from 1. */
  readonly step: number;
  readonly steps: number;
  /** Epochs done after this step; a whole number at the end of each. */
  readonly epoch: number;
  readonly loss: number;
  readonly 'rewards/chosen': number;
  readonly 'rewards/rejected': number;
  /** Share of pairs whose chosen response has the greater reward. */
  readonly 'rewards/accuracies': number;
  readonly 'rewards/margins': number;
  readonly 'logps/chosen': number;
  readonly 'logps/rejected': number;
  /** KTO's estimate of KL(policy || reference); 0 for objectives that have none. */
  readonly kl: number;
  readonly grad_norm: number;
  readonly learning_rate: number;
  /** Response tokens trained on so far. */
  readonly num_tokens: number;
}

/** What an evaluation hook found, where one ran after the step: its own names with `eval_` before them. */
export type EvaluationMetrics = Readonly<Record<`eval_${string}`, number>>;

/** What a run yields: a step's metrics, with those of an evaluation where one ran. */
export type Step = StepMetrics & EvaluationMetrics;

/** Values of one micro-batch: of every pair, or of the batch as a whole. */
export interface MicroBatchValues {
  /** Policy log-probabilities: chosen, rejected, chosen, rejected ... */
  readonly policy: Float32Array;
  readonly chosenRewards: Float32Array;
  readonly rejectedRewards: Float32Array;
  readonly kl: number;
}

const mean = (values: Iterable<number>): number => {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
};

type MicroBatchMetrics = Pick<
  StepMetrics,
  | 'rewards/chosen'
  | 'rewards/rejected'
  | 'rewards/accuracies'
  | 'rewards/margins'
  | 'logps/chosen'
  | 'logps/rejected'
  | 'kl'
>;

/** The metrics of one micro-batch: means over its pairs. */
export function microBatchMetrics(values: MicroBatchValues): MicroBatchMetrics {
  const { policy, chosenRewards, rejectedRewards, kl } = values;
  const margins = chosenRewards.map((reward, index) => reward - rejectedRewards[index]!);
  return {
    'rewards/chosen': mean(chosenRewards),
    'rewards/rejected': mean(rejectedRewards),
    'rewards/accuracies': mean(margins.map((margin) => (margin > 0 ? 1 : 0))),
    'rewards/margins': mean(margins),
    'logps/chosen': mean(policy.filter((_, index) => index % 2 === 0)),
    'logps/rejected': mean(policy.filter((_, index) => index % 2 === 1)),
    kl,
  };
}

/**
 * The mean of each metric over several rows, every row with the same weight: over the micro-batches of a step (as TRL's `log`
 * does it), or over the steps of an epoch. The names are those of the first row; without rows the result is empty.
 *
 * @example
 * meanMetrics([{ loss: 1, kl: 0 }, { loss: 2, kl: 4 }]); // { loss: 1.5, kl: 2 }
 */
export function meanMetrics<Name extends string>(
  rows: readonly Readonly<Record<Name, number>>[],
): Record<Name, number> {
  const names = Object.keys(rows[0] ?? {}) as Name[];
  return Object.fromEntries(names.map((name) => [name, mean(rows.map((row) => row[name]))])) as Record<Name, number>;
}
