/** A training run: the loop over steps, and what the caller can look at, change and save between two steps. */
import { ApolabError } from '../core/errors.js';
import type { LanguageModel } from '../model/index.js';
import type { PreferencePair } from '../pairs/pair.js';
import {
  checkSameRun,
  listCheckpoints,
  readTrainerState,
  restoreCheckpoint,
  saveCheckpoint,
  type TrainerState,
} from './checkpoint.js';
import { createEarlyStop } from './earlyStop.js';
import type { Step, StepMetrics } from './metrics.js';
import type { ReferenceSource } from './reference.js';
import type { TemplateFinding } from './templateChecks.js';
import { countStep, findTrainedBefore, type TrainedBefore } from './trainedBefore.js';
import { checkpointDefaults, trainSettings, type TrainOptions, type TrainSettings } from './trainOptions.js';
import { beginSession, endSession, takeSessionStep, type RunInputs, type TrainingSession } from './trainingSession.js';

/**
 * A run as an async iterator of its steps. The loop belongs to the caller, who can stop it at any step.
 *
 * @example
 * const run = training.train(policy, pairs, { objective: 'apo_zero' });
 * for await (const step of run) if (step.loss < 0.5) run.stop();
 */
export class TrainingRun implements AsyncGenerator<Step, void> {
  /** Everything that decides the run's numbers, with all defaults filled in. */
  readonly settings: TrainSettings;
  /** The steps so far, including those before the checkpoint that the run continues from. */
  readonly history: Step[] = [];
  /** The schedule's full rate; a new value applies from the next step on. */
  learningRate: number;
  /** What the template checks found in the pairs, and whether the model was trained before; empty before the first step. */
  findings: readonly (TemplateFinding | TrainedBefore)[] = [];
  /** Whether the reference's log-probabilities were computed or cached; undefined before the first step. */
  referenceSource: ReferenceSource | undefined;
  readonly #inputs: RunInputs;
  readonly #steps: AsyncGenerator<Step, void>;
  #session: TrainingSession | undefined;
  #stopping = false;

  /** @throws ApolabError if an option is wrong. */
  constructor(
    readonly model: LanguageModel,
    pairs: readonly PreferencePair[],
    private readonly options: TrainOptions,
  ) {
    const { entry, ...settings } = trainSettings(options);
    this.settings = settings;
    this.learningRate = settings.learningRate;
    this.#inputs = { model, pairs, entry, settings, options };
    this.#steps = this.#run();
  }

  /** Ends the run before its next step; the model keeps what it has learned. */
  stop(): void {
    this.#stopping = true;
  }

  /**
   * Saves a checkpoint of the run between two steps, and returns its folder.
   *
   * @throws ApolabError if the run has no folder for checkpoints, has not begun, or has ended.
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
      settings: this.#savedSettings(),
      fingerprints: session.fingerprints,
      rewardShift: session.shift,
      tokens: session.tokens,
      history: this.history,
    });
  }

  async *#run(): AsyncGenerator<Step, void> {
    const session = await beginSession(this.#inputs);
    this.#session = session;
    this.findings = [...findTrainedBefore(this.model), ...session.findings];
    this.referenceSource = session.referenceSource;
    try {
      const { steps } = session.sampler;
      const early = createEarlyStop(this.settings.earlyStop);
      await this.#resume(session);
      if (this.history.some((step) => early.observe(step))) this.stop();
      const { checkpoint } = this.options;
      const every = checkpoint?.every ?? checkpointDefaults.every;
      for (let step = this.history.length; step < steps && !this.#stopping; step++) {
        const metrics = await takeSessionStep(session, this.#inputs, step, this.learningRate);
        const evaluated = { ...metrics, ...(await this.#evaluate(metrics)) };
        this.history.push(evaluated);
        countStep(this.model);
        if (early.observe(evaluated)) this.stop();
        yield evaluated;
        // After the caller's turn, so that a changed learning rate is saved with the step.
        const isLast = step + 1 === steps;
        if (checkpoint !== undefined && (isLast || (step + 1) % every === 0)) await this.save();
        // A timer, not a microtask: interrupts, progress and the kernel's other messages are processed between steps.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.#session = undefined;
      endSession(session);
    }
  }

  /** Continues from a checkpoint if the options say so. */
  async #resume(session: TrainingSession): Promise<void> {
    const { resume, checkpoint } = this.options;
    if (resume === undefined || resume === false || session.fingerprints === undefined) return;
    if (resume === true && checkpoint === undefined) {
      throw new ApolabError(
        "resume: true continues from the newest checkpoint in a folder: give checkpoint: { folder: '...' }.",
      );
    }
    const place = resume === true ? (await listCheckpoints(checkpoint!.folder))[0] : resume;
    if (place === undefined) return;
    const state = await readTrainerState(place);
    checkSameRun(place, state, { settings: this.#savedSettings(), fingerprints: session.fingerprints });
    await restoreCheckpoint(place, state, this.model, session.optimizer);
    this.learningRate = state.learningRate;
    this.history.push(...state.history);
    session.shift = state.rewardShift;
    session.tokens = state.tokens;
  }

  /** The settings, with those of the trained adapter if there is one. */
  #savedSettings(): TrainerState['settings'] {
    const { adapter } = this.model;
    return { ...this.settings, ...(adapter === undefined ? {} : { adapter }) };
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

  /** Takes the next step. */
  next(): Promise<IteratorResult<Step, void>> {
    return this.#steps.next();
  }

  /** Ends the run and frees its tensors; `break` in a `for await` loop calls it. */
  return(): Promise<IteratorResult<Step, void>> {
    return this.#steps.return();
  }

  /** Ends the run with an error and frees its tensors. */
  throw(error: unknown): Promise<IteratorResult<Step, void>> {
    return this.#steps.throw(error);
  }

  /** The run itself, for `for await`. */
  [Symbol.asyncIterator](): this {
    return this;
  }
}
