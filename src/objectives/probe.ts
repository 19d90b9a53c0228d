/** Made-up log-probabilities on which an objective is tried out: its gradient is checked on them. */
import { createRandom } from '../core/random.js';
import { tf } from '../tensor/index.js';
import type { ResponseLogProbs } from './objective.js';
import type { ObjectiveEntry } from './table.js';

/** The values of `ResponseLogProbs`, as numbers. */
export type ProbeValues = { readonly [Name in keyof Required<ResponseLogProbs>]: readonly number[] };

/** The per-pair inputs of an objective. */
export const pairInputs = [
  'policyChosen',
  'policyRejected',
  'referenceChosen',
  'referenceRejected',
  'chosenTokens',
  'rejectedTokens',
] as const satisfies readonly (keyof ResponseLogProbs)[];

/** Log-probabilities are multiples of this many nats, so that a float32 holds them, and small changes of them, exactly. */
const grain = 1 / 64;

/** The values of `count` random pairs: 4 to 30 tokens per response, 1 to 2 nats per token, log-ratios from -8 to 8, without a 0. */
export function probeValues(count: number, seed: number): ProbeValues {
  const random = createRandom(seed, 'probe of an objective');
  const each = (draw: () => number) => Array.from({ length: count }, draw);
  const onGrain = (value: number) => Math.round(value / grain) * grain;
  const [chosenTokens, rejectedTokens] = [each(() => 4 + random.integer(27)), each(() => 4 + random.integer(27))];
  // 12 nats below: a log-probability stays negative if the log-ratio is 8 and a finite difference adds 2.
  const reference = (tokens: readonly number[]) =>
    tokens.map((length) => onGrain(-12 - length * (1 + random.uniform())));
  const policy = (values: readonly number[]) =>
    values.map((value) => onGrain(value + (random.chance(0.5) ? 1 : -1) * (0.3 + 7.7 * random.uniform())));
  const [referenceChosen, referenceRejected] = [reference(chosenTokens), reference(rejectedTokens)];
  return {
    policyChosen: policy(referenceChosen),
    policyRejected: policy(referenceRejected),
    referenceChosen,
    referenceRejected,
    chosenTokens,
    rejectedTokens,
    kl: [0.5],
    rewardShift: [0.25],
  };
}

/** The values as tensors, with the estimates that the objective needs. */
export function probeTensors(values: ProbeValues, { needsKl, needsRewardShift }: ObjectiveEntry): ResponseLogProbs {
  const perPair = Object.fromEntries(pairInputs.map((name) => [name, tf.tensor1d([...values[name]])]));
  return {
    ...(perPair as Record<(typeof pairInputs)[number], tf.Tensor1D>),
    ...(needsKl ? { kl: tf.scalar(values.kl[0]!) } : {}),
    ...(needsRewardShift ? { rewardShift: tf.scalar(values.rewardShift[0]!) } : {}),
  };
}
