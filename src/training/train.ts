/**
 * Preference training as an async iterator of step metrics: the loop belongs to the caller, who can stop, look, evaluate
 * the model between two steps, change the learning rate and go on.
 */
import type { LanguageModel, Parameters } from '../model/index.js';
import type { ObjectiveEntry } from '../objectives/index.js';
import type { PreferencePair } from '../preference/pair.js';
import { createRandom } from '../random.js';
import { tf } from '../tensor/index.js';
import { createEarlyStop } from './earlyStop.js';
import type { EncodedPair } from './encode.js';
import { learningRateAt, warmupStepsOf } from './learningRate.js';
import { meanMetrics, type Step, type StepMetrics } from './metrics.js';
import { stepLosses, type Example, type RewardShift } from './microBatch.js';
import { createOptimizer } from './optimizers.js';
import { prepareExamples } from './prepareExamples.js';
import { checkAgreement, referenceLogProbs } from './reference.js';
import { takeAccumulatedStep } from './takeStep.js';
import type { TemplateFinding } from './templateChecks.js';
import { trainSettings, type TrainOptions, type TrainSettings } from './trainOptions.js';

/**
 * Trains `model` on pairs, in place; as it is now it is the reference.
 *
 * The reference's log-probabilities are computed once. At the first step policy and reference must agree, which is checked.
 *
 * @throws ApolabError where there are no pairs, a pair cannot be trained on, an option is wrong, or policy and reference
 * disagree at the start.
 * @throws UnknownNameError for an objective that is none.
 *
 * @example
 * for await (const step of training.train(policy, pairs, { objective: 'apo_zero' })) {
 *   console.log(step.step, step.loss, step['rewards/margins']);
 * }
 */
export function train(model: LanguageModel, pairs: readonly PreferencePair[], options: TrainOptions): TrainingRun {
  return new TrainingRun(model, pairs, options);
}

/** A run under way: an async iterator of its steps, with what the caller may look at and change between two of them. */
export class TrainingRun implements AsyncGenerator<Step, void> {
  /** What decides the run's numbers, every default filled in. */
  readonly settings: TrainSettings;
  /** The steps so far. */
  readonly history: Step[] = [];
  /** The schedule's full rate; a new one counts from the next step on. */
  learningRate: number;
  readonly #steps: AsyncGenerator<Step, void>;
  readonly #entry: ObjectiveEntry;
  #stopping = false;
  #findings: readonly TemplateFinding[] = [];

  constructor(
    readonly model: LanguageModel,
    private readonly pairs: readonly PreferencePair[],
    private readonly options: TrainOptions,
  ) {
    const { entry, ...settings } = trainSettings(options);
    this.#entry = entry;
    this.settings = settings;
    this.learningRate = settings.learningRate;
    this.#steps = this.#run();
  }

  /** What the template checks found in the pairs; empty before the first step. */
  get findings(): readonly TemplateFinding[] {
    return this.#findings;
  }

  /** Ends the run before its next step; what is trained so far stays. */
  stop(): void {
    this.#stopping = true;
  }

  async *#run(): AsyncGenerator<Step, void> {
    const { model, settings } = this;
    const { encoded, findings } = await prepareExamples(model, this.pairs, settings.maxLength);
    this.#findings = findings;
    const examples = examplesOf(encoded, await referenceLogProbs(model, encoded));
    const reference = this.#entry.needsDivergence ? copyOf(model.parameters) : undefined;
    const optimizer = createOptimizer(model.trainable, settings.optimizer);
    const plan = planOf(examples.length, settings);
    const early = createEarlyStop(settings.earlyStop);
    const setting = { model, entry: this.#entry, options: settings.objectiveOptions, reference };
    let shift: RewardShift = { mean: 0, count: 0 };
    let tokens = 0;
    try {
      let order: readonly Example[] = [];
      for (let step = 0; step < plan.steps && !this.#stopping; step++) {
        const { epoch, batches } = plan.at(step);
        if (step === 0 || plan.at(step - 1).epoch !== epoch) order = epochOrder(examples, settings, epoch);
        const micro = batches.map(([from, to]) => order.slice(from, to));
        const warmupSteps = warmupStepsOf(settings, plan.steps);
        const rate = learningRateAt(step, plan.steps, { ...settings, learningRate: this.learningRate, warmupSteps });
        const losses = stepLosses(setting, micro, shift);
        const taken = takeAccumulatedStep(model.trainable, optimizer, rate, settings.maxGradientNorm, losses.losses);
        const { values, shift: moved } = losses.read(taken.measured);
        losses.dispose();
        shift = moved;
        tokens += losses.tokens;
        if (step === 0) checkAgreement(values[0]!.policy, micro[0]!);
        const { kl, ...means } = meanMetrics(values);
        const metrics: StepMetrics = {
          step: step + 1,
          steps: plan.steps,
          epoch: plan.epochAfter(step),
          loss: taken.loss,
          ...means,
          kl,
          grad_norm: taken.gradientNorm,
          learning_rate: rate,
          num_tokens: tokens,
        };
        const evaluated = { ...metrics, ...(await this.#evaluate(metrics)) };
        this.history.push(evaluated);
        if (early.observe(evaluated)) this.stop();
        yield evaluated;
        // A timer, not a microtask: interrupts, progress and the kernel's other messages get their turn between steps.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      optimizer.dispose();
      if (reference !== undefined) tf.dispose(Object.values(reference));
    }
  }

  async #evaluate(step: StepMetrics): Promise<Record<`eval_${string}`, number>> {
    const { evaluate } = this.options;
    if (evaluate === undefined) return {};
    const { every = 'epoch' } = evaluate;
    const due = every === 'epoch' ? Number.isInteger(step.epoch) : step.step % every === 0;
    if (!due && step.step !== step.steps) return {};
    const found = await evaluate.run(this.model, step);
    return Object.fromEntries(Object.entries(found).map(([name, value]) => [`eval_${name}` as const, value]));
  }

  next(): Promise<IteratorResult<Step, void>> {
    return this.#steps.next();
  }

  return(): Promise<IteratorResult<Step, void>> {
    return this.#steps.return();
  }

  throw(error: unknown): Promise<IteratorResult<Step, void>> {
    return this.#steps.throw(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function examplesOf(encoded: readonly EncodedPair[], reference: ArrayLike<number>): Example[] {
  return encoded.map((pair, index) => ({
    encoded: pair,
    referenceChosen: reference[2 * index]!,
    referenceRejected: reference[2 * index + 1]!,
  }));
}

/** Which examples each step sees, by their places in the epoch's order. */
interface Plan {
  readonly steps: number;
  at(step: number): { readonly epoch: number; readonly batches: readonly (readonly [from: number, to: number])[] };
  /** Epochs done after a step. */
  epochAfter(step: number): number;
}

function planOf(examples: number, settings: TrainSettings): Plan {
  const { batchSize, gradientAccumulation, epochs, maxSteps } = settings;
  const batchesAnEpoch = Math.ceil(examples / batchSize);
  const stepsAnEpoch = Math.ceil(batchesAnEpoch / gradientAccumulation);
  return {
    steps: maxSteps ?? Math.ceil(stepsAnEpoch * epochs),
    at: (step) => {
      const first = (step % stepsAnEpoch) * gradientAccumulation;
      const count = Math.min(gradientAccumulation, batchesAnEpoch - first);
      const batches = Array.from({ length: count }, (_, index) => {
        const from = (first + index) * batchSize;
        return [from, Math.min(examples, from + batchSize)] as const;
      });
      return { epoch: Math.floor(step / stepsAnEpoch), batches };
    },
    epochAfter: (step) => {
      const done = Math.min(batchesAnEpoch, ((step % stepsAnEpoch) + 1) * gradientAccumulation);
      return (Math.floor(step / stepsAnEpoch) * batchesAnEpoch + done) / batchesAnEpoch;
    },
  };
}

function epochOrder(
  examples: readonly Example[],
  { shuffle, seed }: { readonly shuffle: boolean; readonly seed: number },
  epoch: number,
): readonly Example[] {
  return shuffle ? createRandom(seed, 'order of pairs', epoch).shuffle(examples) : examples;
}

function copyOf(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, tf.keep(tensor.clone())]));
}
