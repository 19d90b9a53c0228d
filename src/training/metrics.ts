/** The metrics of a step, with TRL's names, and their computation from the values of its micro-batches. */

/**
 * The metrics of one step, with TRL's names. Log-probabilities (in nats) and rewards are means over the pairs of a micro-batch, then
 * over the micro-batches of the step.
 */
export interface StepMetrics {
  /** Counted from 1. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Epochs completed after this step; a whole number at the end of an epoch. */
  readonly epoch: number;
  readonly loss: number;
  readonly 'rewards/chosen': number;
  readonly 'rewards/rejected': number;
  /** Share of pairs whose chosen response has the greater reward. */
  readonly 'rewards/accuracies': number;
  readonly 'rewards/margins': number;
  readonly 'logps/chosen': number;
  readonly 'logps/rejected': number;
  /** KTO's estimate of KL(policy || reference), in nats; 0 if the objective does not use it. */
  readonly kl: number;
  /** Norm of all gradients together, before clipping. */
  readonly grad_norm: number;
  readonly learning_rate: number;
  /** Response tokens trained on so far. */
  readonly num_tokens: number;
}

/** The numbers of an evaluation that ran after the step, with the prefix `eval_`. */
export type EvaluationMetrics = Readonly<Record<`eval_${string}`, number>>;

/** What a run yields for each step: its metrics, and those of an evaluation if one ran. */
export type Step = StepMetrics & EvaluationMetrics;

/**
 * The metrics that a progress bar shows, by the names of the figures: loss, margin, chosen and rejected reward.
 *
 * @example
 * shownMetrics(run.history.at(-1)!); // { loss: 0.61, margin: 0.2, chosen: 0.1, rejected: -0.1 }
 */
export function shownMetrics(step: Partial<StepMetrics>): Record<string, number> {
  const rows = Object.entries(shownNames).map(([name, metric]) => [name, step[metric]] as const);
  return Object.fromEntries(rows.filter((row): row is readonly [string, number] => row[1] !== undefined));
}

const shownNames = {
  loss: 'loss',
  margin: 'rewards/margins',
  chosen: 'rewards/chosen',
  rejected: 'rewards/rejected',
} as const satisfies Record<string, keyof StepMetrics>;

/** The values of one micro-batch that its metrics are computed from. */
export interface MicroBatchValues {
  /** Policy log-probabilities `[2 * pairs]`, in nats: chosen, rejected, chosen, rejected ... */
  readonly policy: Float32Array;
  /** `[pairs]`, as `rejectedRewards`. */
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
