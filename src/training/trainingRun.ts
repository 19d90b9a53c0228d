/** A run under way: the loop over steps, with what may be looked at, changed and saved between two of them. */
import { ApolabError } from '../core/errors.js';
import type { LanguageModel, Parameters } from '../model/index.js';
import type { ObjectiveEntry } from '../objectives/index.js';
import type { PreferencePair } from '../pairs/pair.js';
import { tf } from '../tensor/index.js';
import {
  checkSameRun,
  listCheckpoints,
  readTrainerState,
  restoreCheckpoint,
  saveCheckpoint,
  type TrainerState,
} from './checkpoint.js';
import { createEarlyStop } from './earlyStop.js';
import { fingerprintPairs, fingerprintParameters } from './fingerprint.js';
import { learningRateAt, warmupStepsOf } from './learningRate.js';
import { meanMetrics, microBatchMetrics, type Step, type StepMetrics } from './metrics.js';
import { stepLosses, type Example, type RewardShift } from './microBatch.js';
import type { Optimizer } from './optimizer.js';
import { createOptimizer } from './optimizers.js';
import { createBatchSampler } from './batchSampler.js';
import { prepareExamples } from './prepareExamples.js';
import { checkAgreement, referenceLogProbs, referenceOf, type ReferenceSource } from './reference.js';
import type { ReferenceKey } from './referenceCache.js';
import { takeAccumulatedStep } from './takeStep.js';
import type { TemplateFinding } from './templateChecks.js';
import { checkpointDefaults, trainSettings, type TrainOptions, type TrainSettings } from './trainOptions.js';

/** What a run has made before its first step, and moves from step to step. */
interface Session {
  readonly examples: readonly Example[];
  readonly optimizer: Optimizer;
  /** The frozen reference's parameters, where the objective needs more of it than log-probabilities. */
  readonly reference: Parameters | undefined;
  readonly fingerprints: ReferenceKey | undefined;
  shift: RewardShift;
  tokens: number;
}

/** An async iterator of a run's steps. */
export class TrainingRun implements AsyncGenerator<Step, void> {
  /** What decides the run's numbers, every default filled in. */
  readonly settings: TrainSettings;
  /** The steps so far, those before a checkpoint that the run goes on from too. */
  readonly history: Step[] = [];
  /** The schedule's full rate; a new one counts from the next step on. */
  learningRate: number;
  /** What the template checks found in the pairs; empty before the first step. */
  findings: readonly TemplateFinding[] = [];
  /** Where the reference's log-probabilities came from; undefined before the first step. */
  referenceSource: ReferenceSource | undefined;
  readonly #entry: ObjectiveEntry;
  readonly #steps: AsyncGenerator<Step, void>;
  #session: Session | undefined;
  #stopping = false;

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

  /** Ends the run before its next step; what is trained so far stays. */
  stop(): void {
    this.#stopping = true;
  }

  /**
   * Saves a checkpoint of the run as it is between two steps, and gives its folder.
   *
   * @throws ApolabError where the run has no folder for checkpoints, or has not begun.
   */
  async save(): Promise<string> {
    const { checkpoint } = this.options;
    const session = this.#session;
    const last = this.history.at(-1);
    if (checkpoint === undefined) {
      throw new ApolabError(
        "The run has no folder for checkpoints: give train() the option checkpoint: { folder: '...' }.",
      );
    }
    if (session?.fingerprints === undefined || last === undefined) {
      throw new ApolabError('There is nothing to save before the first step, and nothing after the run has ended.');
    }
    return saveCheckpoint(checkpoint, this.model, session.optimizer, {
      step: last.step,
      steps: last.steps,
      learningRate: this.learningRate,
      settings: this.#saved(),
      fingerprints: session.fingerprints,
      rewardShift: session.shift,
      tokens: session.tokens,
      history: this.history,
    });
  }

  async *#run(): AsyncGenerator<Step, void> {
    const session = await this.#begin();
    this.#session = session;
    try {
      const sampler = createBatchSampler(session.examples.length, this.settings);
      const early = createEarlyStop(this.settings.earlyStop);
      await this.#resume(session);
      if (this.history.some((step) => early.observe(step))) this.stop();
      const { checkpoint } = this.options;
      const every = checkpoint?.every ?? checkpointDefaults.every;
      for (let step = this.history.length; step < sampler.steps && !this.#stopping; step++) {
        const batches = sampler.batchesOf(step).map((places) => places.map((place) => session.examples[place]!));
        const metrics = this.#step(session, step, sampler.steps, batches, sampler.epochAfter(step));
        const evaluated = { ...metrics, ...(await this.#evaluate(metrics)) };
        this.history.push(evaluated);
        if (early.observe(evaluated)) this.stop();
        yield evaluated;
        // After the caller had its turn, so that a learning rate that it changed is saved with the step.
        const isLast = step + 1 === sampler.steps;
        if (checkpoint !== undefined && (isLast || (step + 1) % every === 0)) await this.save();
        // A timer, not a microtask: interrupts, progress and the kernel's other messages get their turn between steps.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.#session = undefined;
      session.optimizer.dispose();
      if (session.reference !== undefined) tf.dispose(Object.values(session.reference));
    }
  }

  /** All that comes before the first step: tokens, checks, the reference's log-probabilities, an optimizer. */
  async #begin(): Promise<Session> {
    const { model, settings, options } = this;
    const { tokenized, findings } = await prepareExamples(model, this.pairs, settings.maxLength);
    this.findings = findings;
    const frozen = await referenceOf(model);
    const isNamed =
      options.checkpoint !== undefined || options.referenceCache !== undefined || options.resume !== undefined;
    const fingerprints = isNamed
      ? { model: await fingerprintParameters(frozen), pairs: fingerprintPairs(tokenized) }
      : undefined;
    const cache =
      options.referenceCache === undefined || fingerprints === undefined
        ? undefined
        : { folder: options.referenceCache, key: fingerprints };
    const reference = await referenceLogProbs(frozen, model.config, tokenized, {
      cache,
      onProgress: options.onReference,
    });
    this.referenceSource = reference.source;
    return {
      examples: tokenized.map((pair, index) => ({
        tokenized: pair,
        referenceChosen: reference.values[2 * index]!,
        referenceRejected: reference.values[2 * index + 1]!,
      })),
      optimizer: createOptimizer(model.trainable, settings.optimizer),
      reference: this.#entry.needsKl ? copyOf(frozen) : undefined,
      fingerprints,
      shift: { mean: 0, count: 0 },
      tokens: 0,
    };
  }

  /** Goes back to where a checkpoint was saved, if the run is to go on from one. */
  async #resume(session: Session): Promise<void> {
    const { resume, checkpoint } = this.options;
    if (resume === undefined || resume === false || session.fingerprints === undefined) return;
    if (resume === true && checkpoint === undefined) {
      throw new ApolabError(
        "resume: true goes on from the newest checkpoint in a folder: give checkpoint: { folder: '...' }.",
      );
    }
    const place = resume === true ? (await listCheckpoints(checkpoint!.folder))[0] : resume;
    if (place === undefined) return;
    const state = await readTrainerState(place);
    checkSameRun(place, state, { settings: this.#saved(), fingerprints: session.fingerprints });
    await restoreCheckpoint(place, state, this.model, session.optimizer);
    this.learningRate = state.learningRate;
    this.history.push(...state.history);
    session.shift = state.rewardShift;
    session.tokens = state.tokens;
  }

  /** The settings with the adapter that is trained, where there is one. */
  #saved(): TrainerState['settings'] {
    const { adapter } = this.model;
    return { ...this.settings, ...(adapter === undefined ? {} : { adapter }) };
  }

  /** One update, and what it logs. */
  #step(
    session: Session,
    step: number,
    steps: number,
    batches: readonly (readonly Example[])[],
    epoch: number,
  ): StepMetrics {
    const { model, settings } = this;
    const schedule = { ...settings, learningRate: this.learningRate, warmupSteps: warmupStepsOf(settings, steps) };
    const rate = learningRateAt(step, steps, schedule);
    const setting = {
      model,
      entry: this.#entry,
      options: settings.objectiveOptions,
      reference: session.reference,
    };
    const losses = stepLosses(setting, batches, session.shift);
    try {
      const taken = takeAccumulatedStep(
        model.trainable,
        session.optimizer,
        rate,
        settings.maxGradientNorm,
        losses.losses,
      );
      const { values, shift } = losses.read(taken.measured);
      if (step === 0) checkAgreement(values[0]!.policy, batches[0]!);
      session.shift = shift;
      session.tokens += losses.tokens;
      return {
        step: step + 1,
        steps,
        epoch,
        loss: taken.loss,
        ...meanMetrics(values.map(microBatchMetrics)),
        grad_norm: taken.gradientNorm,
        learning_rate: rate,
        num_tokens: session.tokens,
      };
    } finally {
      losses.dispose();
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

function copyOf(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, tf.keep(tensor.clone())]));
}
