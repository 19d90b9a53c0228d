/** The metrics of a step, with TRL's names, and their computation from the values of its micro-batches. */

/** What every step has. */
interface CommonMetrics {
  /** Counted from 1. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Epochs completed after this step; a whole number at the end of an epoch. */
  readonly epoch: number;
  readonly loss: number;
  /** KTO's estimate of KL(policy || reference), in nats; 0 if the objective does not use it. */
  readonly kl: number;
  /** Norm of all gradients together, before clipping. */
  readonly grad_norm: number;
  readonly learning_rate: number;
  /**
   * Tokens trained on so far, as TRL counts them: those of prompt and response of every sequence, without padding. A pair is two
   * sequences; for SFT only the chosen one counts.
   */
  readonly num_tokens: number;
}

/**
 * The metrics of one step on pairs, with TRL's names. Log-probabilities (in nats) and rewards are means over the pairs of a
 * micro-batch, then over the micro-batches of the step.
 */
export interface StepMetrics extends CommonMetrics {
  readonly 'rewards/chosen': number;
  readonly 'rewards/rejected': number;
  /** Share of pairs whose chosen response has the greater reward. */
  readonly 'rewards/accuracies': number;
  readonly 'rewards/margins': number;
  readonly 'logps/chosen': number;
  readonly 'logps/rejected': number;
}

/**
 * The metrics of one step on unpaired examples, as TRL's KTOTrainer logs them; `chosen` is desirable, `rejected` undesirable. Each
 * is a mean over the examples of that label in a micro-batch, then over the micro-batches that have the label. A step without an
 * example of a label has no metric of it. There are no accuracies, because no two responses are compared.
 */
export interface UnpairedStepMetrics extends CommonMetrics {
  readonly 'rewards/chosen'?: number;
  readonly 'rewards/rejected'?: number;
  /** Mean reward of the desirable minus that of the undesirable examples; only of micro-batches that have both. */
  readonly 'rewards/margins'?: number;
  readonly 'logps/chosen'?: number;
  readonly 'logps/rejected'?: number;
}

/** The numbers of an evaluation that ran after the step, with the prefix `eval_`. */
export type EvaluationMetrics = Readonly<Record<`eval_${string}`, number>>;

/** What a run with these metrics yields for each step: the metrics, and those of an evaluation if one ran. */
export type StepOf<Metrics extends UnpairedStepMetrics> = Metrics & EvaluationMetrics;

/** What a run on pairs yields for each step. */
export type Step = StepOf<StepMetrics>;

/** What a run on unpaired examples yields for each step. */
export type UnpairedStep = StepOf<UnpairedStepMetrics>;

/**
 * The metrics that a progress bar shows, by the names of the figures: loss, margin, chosen and rejected reward.
 *
 * @example
 * shownMetrics(history.at(-1)!); // { loss: ..., margin: ..., chosen: ..., rejected: ... }
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
  /** True if the rows are pairs, so that each chosen response has its rejected one. */
  readonly paired: boolean;
  /** For each response whether it is chosen (desirable). */
  readonly labels: readonly boolean[];
  /** Policy log-probabilities `[responses]`, in nats. */
  readonly policy: Float32Array;
  /** Rewards of the chosen responses, in their order. */
  readonly chosenRewards: Float32Array;
  /** Rewards of the rejected responses, in their order. */
  readonly rejectedRewards: Float32Array;
  readonly kl: number;
}

const mean = (values: Iterable<number>): number => {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
};
const meanIfAny = (values: ArrayLike<number> & Iterable<number>) => (values.length === 0 ? undefined : mean(values));

/** The metrics that a micro-batch may lack. */
type LabelMetric = Exclude<keyof StepMetrics, keyof CommonMetrics>;

/** The metrics of one micro-batch: means over its responses, undefined if it has none of that label. */
export function microBatchMetrics(values: MicroBatchValues): Record<LabelMetric, number | undefined> {
  const { paired, labels, policy, chosenRewards, rejectedRewards } = values;
  const [chosen, rejected] = [meanIfAny(chosenRewards), meanIfAny(rejectedRewards)];
  const difference = chosen === undefined || rejected === undefined ? undefined : chosen - rejected;
  const margins = paired ? chosenRewards.map((reward, index) => reward - rejectedRewards[index]!) : undefined;
  return {
    'rewards/chosen': chosen,
    'rewards/rejected': rejected,
    'rewards/accuracies': margins && mean(margins.map((margin) => (margin > 0 ? 1 : 0))),
    'rewards/margins': margins === undefined ? difference : mean(margins),
    'logps/chosen': meanIfAny(policy.filter((_, index) => labels[index])),
    'logps/rejected': meanIfAny(policy.filter((_, index) => !labels[index]!)),
  };
}

/**
 * The mean of each metric over several rows, every row with the same weight: over the micro-batches of a step (as TRL's `log`
 * does it), or over the steps of an epoch. The names are those of the first row; without rows the result is empty. Rows whose
 * value is undefined do not count, and a metric that no row has is left out.
 *
 * @example
 * meanMetrics([{ loss: 1, kl: 0 }, { loss: 2, kl: 4 }]); // { loss: 1.5, kl: 2 }
 */
export function meanMetrics<Name extends string>(rows: readonly Readonly<Record<Name, number>>[]): Record<Name, number>;
export function meanMetrics<Name extends string>(
  rows: readonly Readonly<Record<Name, number | undefined>>[],
): Partial<Record<Name, number>>;
export function meanMetrics<Name extends string>(
  rows: readonly Readonly<Record<Name, number | undefined>>[],
): Partial<Record<Name, number>> {
  const names = Object.keys(rows[0] ?? {}) as Name[];
  const means = names.flatMap((name) => {
    const values = rows.map((row) => row[name]).filter((value) => value !== undefined);
    return values.length === 0 ? [] : [[name, mean(values)]];
  });
  return Object.fromEntries(means) as Partial<Record<Name, number>>;
}
