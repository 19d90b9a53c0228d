/** Compares an objective's gradient with finite differences, and says which inputs it ignores. */
import { ApolabError } from '../core/errors.js';
import { jupyterDisplay, type Displayable } from '../core/display.js';
import { countOf } from '../core/text.js';
import { read, tf } from '../tensor/index.js';
import { finiteDifference } from './finiteDifference.js';
import type { ObjectiveOptions } from './objective.js';
import { objectiveOptions } from './objectiveOptions.js';
import type { OwnOptions } from './ownObjective.js';
import { pairInputs, probeTensors, probeValues, type ProbeValues } from './probe.js';
import { policyGradients } from './requireGradient.js';
import { resolveObjective, type ObjectiveChoice } from './resolveObjective.js';
import type { ObjectiveEntry } from './table.js';

/** Options of `checkGradient`. */
export interface GradientCheckOptions {
  /** The objective's options; its defaults if not given. */
  readonly objectiveOptions?: Partial<ObjectiveOptions> | OwnOptions;
  /** Random pairs on which it is checked; 8 by default. */
  readonly pairs?: number;
  /** Seed of the pairs. */
  readonly seed?: number;
}

/** A gradient that is right. A notebook shows it as text. */
export interface GradientCheck extends Displayable {
  readonly objective: string;
  /** Number of derivatives that were compared. */
  readonly compared: number;
  /** Derivatives at a kink of the loss, which finite differences cannot measure. */
  readonly notCompared: number;
  /** Largest difference between a derivative and its finite difference, as a share of the largest derivative. */
  readonly largestError: number;
  /** Inputs on which the losses do not depend, for example `policyRejected` for SFT. */
  readonly ignoredInputs: readonly string[];
  /** Options on which neither losses nor rewards depend. */
  readonly ignoredOptions: readonly string[];
}

/** Thrown if a gradient is wrong, or if the losses are not finite. */
export class GradientError extends ApolabError {
  override name = 'GradientError';
}

type Policy = 'policyChosen' | 'policyRejected';

interface Comparison {
  readonly input: Policy;
  readonly pair: number;
  readonly gradient: number;
  readonly expected: number;
  /** Estimated error of `expected`. */
  readonly error: number;
}

/**
 * Checks an objective on random pairs: TensorFlow's gradient with respect to the policy's log-probabilities is compared with finite
 * differences (Ridders' method; differences are summed in float64), to about 0.1 %.
 *
 * @throws GradientError if they differ (it names the input and the values) or if a loss is not finite; ApolabError if the objective
 * returns something else than losses, or if no gradient reaches the policy.
 * @example
 * await objectives.checkGradient(hinge);
 * // hinge: the gradient is right; 16 derivatives compared, largest error ... %.
 * // Ignored: chosenTokens, rejectedTokens.
 */
export async function checkGradient(
  objective: ObjectiveChoice,
  { objectiveOptions: given = {}, pairs = 8, seed = 0 }: GradientCheckOptions = {},
): Promise<GradientCheck> {
  const entry = resolveObjective(objective);
  const options = objectiveOptions(entry, given);
  const values = probeValues(pairs, seed);
  const base = await resultOf(entry, values, options);
  requireFinite(entry, base.losses, values);
  const gradients = await gradientsOf(entry, values, options);
  const lossesAt = async (input: Policy, pair: number, step: number) =>
    (await resultOf(entry, moved(values, input, pair, step), options)).losses;
  const slope = async ({ input, pair }: Comparison, step: number) =>
    sumOfDifferences(await lossesAt(input, pair, step), base.losses) / step;
  const comparisons: Comparison[] = [];
  for (const input of ['policyChosen', 'policyRejected'] as const) {
    for (let pair = 0; pair < pairs; pair++) {
      const { value, error } = await finiteDifference(async (step) =>
        sumOfDifferences(await lossesAt(input, pair, step), await lossesAt(input, pair, -step)),
      );
      const gradient = gradients[input][pair]!;
      comparisons.push({ input, pair, gradient, expected: value, error });
    }
  }
  const scale = Math.max(
    ...comparisons.map(({ expected, gradient }) => Math.max(Math.abs(expected), Math.abs(gradient))),
  );
  const measured = comparisons.filter(({ error }) => error <= 0.02 * scale);
  const differing = measured
    .filter((one) => !(Math.abs(one.gradient - one.expected) <= tolerance(one, scale)))
    .sort((a, b) => Math.abs(b.gradient - b.expected) - Math.abs(a.gradient - a.expected));
  for (const one of differing) {
    const sides = await Promise.all([smallStep, -smallStep].map((step) => slope(one, step)));
    const [low, high] = [Math.min(...sides) - 2e-3 * scale, Math.max(...sides) + 2e-3 * scale];
    const isKink = high - low > 0.05 * scale && low <= one.gradient && one.gradient <= high;
    if (!isKink) throw new GradientError(wrongText(entry, one, values));
  }
  const usable = measured.filter((one) => !differing.includes(one));
  const largest = Math.max(0, ...usable.map(({ gradient, expected }) => Math.abs(gradient - expected)));
  return shown({
    objective: entry.label,
    compared: usable.length,
    notCompared: comparisons.length - usable.length,
    largestError: scale === 0 ? 0 : largest / scale,
    ignoredInputs: await ignoredInputs(entry, values, options),
    ignoredOptions: await ignoredOptions(entry, values, options),
  });
}

/** For slopes on both sides of a kink that is nearer than the finite differences' smallest step. */
const smallStep = 1 / 32;

/** Summed in float64, so that the many losses that do not change cost no precision. */
const sumOfDifferences = (up: readonly number[], down: readonly number[]) =>
  up.reduce((sum, loss, index) => sum + (loss - down[index]!), 0);

const tolerance = ({ gradient, expected, error }: Comparison, scale: number) =>
  1e-3 * Math.max(Math.abs(gradient), Math.abs(expected)) + 2e-4 * scale + 5 * error;

interface Computed {
  readonly losses: readonly number[];
  /** Losses and rewards. */
  readonly all: readonly number[];
}

async function resultOf(entry: ObjectiveEntry, values: ProbeValues, options: ObjectiveOptions): Promise<Computed> {
  const [losses, all] = tf.tidy((): [tf.Tensor1D, tf.Tensor1D] => {
    const result = entry.compute(probeTensors(values, entry), options);
    return [result.losses, tf.concat1d([result.losses, result.chosenRewards, result.rejectedRewards])];
  });
  try {
    return { losses: [...(await read(losses))], all: [...(await read(all))] };
  } finally {
    tf.dispose([losses, all]);
  }
}

async function gradientsOf(
  entry: ObjectiveEntry,
  values: ProbeValues,
  options: ObjectiveOptions,
): Promise<Record<Policy, readonly number[]>> {
  const both = tf.tidy(() => {
    const [chosen, rejected] = policyGradients(entry, probeTensors(values, entry), options);
    const zeros = tf.zerosLike(tf.tensor1d([...values.policyChosen]));
    return tf.concat([chosen ?? zeros, rejected ?? zeros]);
  });
  const numbers = [...(await read(both).finally(() => both.dispose()))];
  const count = values.policyChosen.length;
  return { policyChosen: numbers.slice(0, count), policyRejected: numbers.slice(count) };
}

/** The values with one of them changed. */
function moved(values: ProbeValues, input: keyof ProbeValues, index: number, by: number): ProbeValues {
  return { ...values, [input]: values[input].map((value, place) => (place === index ? value + by : value)) };
}

const same = (one: readonly number[], other: readonly number[]) => one.every((value, index) => value === other[index]);

async function ignoredInputs(entry: ObjectiveEntry, values: ProbeValues, options: ObjectiveOptions): Promise<string[]> {
  const { losses } = await resultOf(entry, values, options);
  const ignored: string[] = [];
  const estimates = [
    ...(entry.needsKl ? ['kl' as const] : []),
    ...(entry.needsRewardShift ? ['rewardShift' as const] : []),
  ];
  for (const input of [...pairInputs, ...estimates]) {
    // In both directions: on the flat side of a kink, a loss does not change.
    const changed = [1, -1].map((by) => ({ ...values, [input]: values[input].map((value) => value + by) }));
    const found = await Promise.all(changed.map((one) => resultOf(entry, one, options)));
    if (found.every((one) => same(one.losses, losses))) ignored.push(input);
  }
  return ignored;
}

async function ignoredOptions(
  entry: ObjectiveEntry,
  values: ProbeValues,
  options: ObjectiveOptions,
): Promise<string[]> {
  const { all } = await resultOf(entry, values, options);
  const ignored: string[] = [];
  for (const [name, value] of Object.entries<number>({ ...options })) {
    const changed = await resultOf(entry, values, { ...options, [name]: value + 0.1 });
    if (same(changed.all, all)) ignored.push(name);
  }
  return ignored;
}

function requireFinite({ label }: ObjectiveEntry, losses: readonly number[], values: ProbeValues): void {
  const place = losses.findIndex((loss) => !Number.isFinite(loss));
  if (place < 0) return;
  const pair = place % values.policyChosen.length;
  throw new GradientError(`${label}: the loss of a pair is ${losses[place]!} (${describe(values, pair)}).`);
}

function describe(values: ProbeValues, pair: number): string {
  const ratio = (policy: keyof ProbeValues, reference: keyof ProbeValues) =>
    (values[policy][pair]! - values[reference][pair]!).toFixed(2);
  return (
    `log-ratio of the chosen response ${ratio('policyChosen', 'referenceChosen')}, ` +
    `of the rejected one ${ratio('policyRejected', 'referenceRejected')}, in nats`
  );
}

function wrongText(
  { label }: ObjectiveEntry,
  { input, pair, gradient, expected }: Comparison,
  values: ProbeValues,
): string {
  const cause =
    gradient === 0
      ? 'The loss depends on it outside of what TensorFlow differentiates: dataSync(), arraySync(), a stopped gradient, or a rounding.'
      : 'A custom gradient is wrong, or a part of the loss is computed outside of TensorFlow.';
  return (
    `${label}: the gradient with respect to ${input} is wrong. TensorFlow gives ${gradient.toPrecision(4)}, ` +
    `finite differences ${expected.toPrecision(4)} (${describe(values, pair)}). ${cause}`
  );
}

function shown(check: Omit<GradientCheck, keyof Displayable>): GradientCheck {
  const { objective, compared, notCompared, largestError, ignoredInputs: inputs, ignoredOptions: others } = check;
  const error = Number((100 * largestError).toPrecision(1));
  const lines = [
    `${objective}: the gradient is right; ${countOf(compared, 'derivative')} compared, largest error ${error} %.`,
    ...(notCompared === 0 ? [] : [`${notCompared} at a kink could not be compared.`]),
    ...(inputs.length === 0 ? [] : [`Ignored: ${inputs.join(', ')}.`]),
    ...(others.length === 0 ? [] : [`Options without effect: ${others.join(', ')}.`]),
  ];
  const text = lines.join('\n');
  return Object.defineProperty(check as GradientCheck, jupyterDisplay, { value: () => ({ 'text/plain': text }) });
}
