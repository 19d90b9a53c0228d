/** A training run: the steps that the caller takes one by one, and what can be looked at, changed and saved between two of them. */
import { jupyterDisplay, type MimeBundle } from '../core/display.js';
import { ApolabError } from '../core/errors.js';
import { nextTurn } from '../core/nextTurn.js';
import { progressOf, type Followed, type ProgressFacts } from '../core/followed.js';
import type { LanguageModel } from '../model/index.js';
import type { TrainingRow } from '../pairs/rows/trainingRow.js';
import { createBatchSampler } from './batchSampler.js';
import { isCheckpointStep, saveCheckpoint } from './checkpoint.js';
import { checkRows } from './checkRows.js';
import { createEarlyStop, type EarlyStop } from './earlyStop.js';
import type { StepMetrics, StepOf, UnpairedStepMetrics } from './metrics.js';
import { continueSession, optimizerStateOf, pauseSession, type PausedSession } from './pausedSession.js';
import { evaluateStep } from './evaluateStep.js';
import type { ReferenceSource } from './reference.js';
import { resumeSession, savedSettings } from './resumeSession.js';
import { progressFacts, showRun } from './showRun.js';
import type { RunFinding } from './trainedBefore.js';
import { trainSettings, type TrainOptions, type TrainSettings } from './trainOptions.js';
import { beginSession, endSession, takeSessionStep, type RunInputs, type TrainingSession } from './trainingSession.js';

const noStep = { done: true, value: undefined } as const;

/**
 * A run as an async iterator of its steps. The loop belongs to the caller, who can stop it at any step.
 *
 * Leaving a loop, by `break`, an error or a notebook's stop button, pauses the run: it frees its tensors and keeps what it needs in
 * ordinary memory. The next loop over it continues with the next step, and the result is that of a run that was never stopped.
 * `stop()` ends it for good. A step is taken whole or not at all.
 *
 * @example
 * const run = training.train(policy, pairs, { objective: 'apo_zero' });
 * for await (const step of run) if (step.loss < 0.5) break;
 * for await (const step of run) console.log(step.step); // continues
 */
export class TrainingRun<Metrics extends UnpairedStepMetrics = StepMetrics>
  implements AsyncGenerator<StepOf<Metrics>, void>, Followed
{
  /** Everything that decides the run's numbers, with all defaults filled in. */
  readonly settings: TrainSettings;
  /** The steps so far, including those before the checkpoint that the run continues from. */
  readonly history: StepOf<Metrics>[] = [];
  /** The schedule's full rate; a new value applies from the next step on. */
  learningRate: number;
  /** What the template checks found in the rows, and whether the model was trained before; empty before the first step. */
  findings: readonly RunFinding[] = [];
  /** Whether the reference's log-probabilities were computed or cached; undefined before the first step. */
  referenceSource: ReferenceSource | undefined;
  readonly #inputs: RunInputs;
  readonly #early: EarlyStop;
  /** Open while a loop takes steps; paused between two loops; neither before the first step and after the last. */
  #session: TrainingSession | undefined;
  #paused: PausedSession | undefined;
  #stopping = false;
  /** True from a call of `return` until it has paused the run: a step that has not begun is not taken then. */
  #leaving = false;
  /** The step that the model has taken, until its evaluation is done. */
  #taken: StepOf<Metrics> | undefined;
  /** A step whose loop was left before it was done; the next loop gets it first. */
  #undelivered: StepOf<Metrics> | undefined;
  #checkpointDue = false;
  /** Gives up the evaluation that is in progress. */
  #abandon = (): void => undefined;
  /** Settles when the last call of `next`, `return` or `throw` is done; they are handled one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  /** @throws ApolabError if an option is wrong, or the objective cannot be trained on such rows. */
  constructor(
    readonly model: LanguageModel,
    rows: readonly TrainingRow[],
    private readonly options: TrainOptions<Metrics>,
  ) {
    const { entry, ...settings } = trainSettings(options);
    this.settings = settings;
    this.learningRate = settings.learningRate;
    checkRows(entry, rows, settings.batchSize);
    this.#inputs = { model, rows, entry, settings, options };
    this.#early = createEarlyStop(settings.earlyStop);
  }

  /** Steps of the whole run. Before the first step it counts every row, also those that `maxLength` will skip. */
  get steps(): number {
    return (
      (this.#session ?? this.#paused)?.sampler.steps ??
      this.history.at(-1)?.steps ??
      createBatchSampler(this.#inputs.rows.length, this.settings).steps
    );
  }

  [progressOf](): ProgressFacts {
    return progressFacts(this);
  }

  [jupyterDisplay](): MimeBundle {
    return showRun(this);
  }

  /** Ends the run before its next step, for good; the model keeps what it has learned. `break` only pauses it. */
  stop(): void {
    this.#stopping = true;
    this.#paused = undefined;
  }

  /**
   * Saves a checkpoint of the run between two steps, or of a paused run, and returns its folder.
   *
   * @throws ApolabError if the run has no folder for checkpoints, has not begun, or has ended.
   */
  async save(): Promise<string> {
    const { checkpoint } = this.options;
    const session = this.#session ?? this.#paused;
    const history = this.#taken === undefined ? this.history : [...this.history, this.#taken];
    const last = history.at(-1);
    if (checkpoint === undefined) {
      throw new ApolabError(
        "The run has no folder for checkpoints: give train() the option checkpoint: { folder: '...' }.",
      );
    }
    if (session?.fingerprints === undefined || last === undefined) {
      throw new ApolabError('There is nothing to save before the first step, and nothing after the run has ended.');
    }
    return saveCheckpoint(checkpoint, this.model, await optimizerStateOf(session), {
      step: last.step,
      steps: last.steps,
      learningRate: this.learningRate,
      settings: savedSettings(this.#inputs),
      fingerprints: session.fingerprints,
      rewardShift: session.shift,
      tokens: session.tokens,
      history,
    });
  }

  /** The next step, or the end of the run. */
  async #advance(): Promise<IteratorResult<StepOf<Metrics>, void>> {
    const value = this.#undelivered;
    this.#undelivered = undefined;
    if (value !== undefined) return { done: false, value };
    if (this.#isOver()) return noStep;
    try {
      const session = await this.#open();
      if (this.#checkpointDue) await this.save();
      this.#checkpointDue = false;
      const step = this.history.length;
      if (step >= session.sampler.steps || this.#stopping) {
        this.stop();
        await this.#pause();
        return noStep;
      }
      this.#taken ??= (await takeSessionStep(session, this.#inputs, step, this.learningRate)) as StepOf<Metrics>;
      const abandoned = new Promise<undefined>((resolve) => (this.#abandon = () => resolve(undefined)));
      const evaluation = await evaluateStep(this.options.evaluate, this.model, this.#taken, abandoned);
      // Abandoned: the loop was left. The next one evaluates the step again.
      if (evaluation === undefined) return noStep;
      const evaluated = { ...this.#taken, ...evaluation };
      this.#taken = undefined;
      this.history.push(evaluated);
      // Saved only after the caller's turn, so that a changed learning rate is saved with the step.
      this.#checkpointDue = isCheckpointStep(this.options.checkpoint, evaluated);
      if (this.#early.observe(evaluated)) this.stop();
      if (this.#leaving) this.#undelivered = evaluated;
      return { done: false, value: evaluated };
    } catch (error) {
      await this.#pause();
      throw error;
    }
  }

  #isOver(): boolean {
    return this.#leaving || (this.#stopping && this.#session === undefined);
  }

  /** The session, begun or continued if there is none. */
  async #open(): Promise<TrainingSession> {
    if (this.#session !== undefined) return this.#session;
    if (this.#paused !== undefined) {
      this.#session = continueSession(this.#paused, this.model, this.settings);
      this.#paused = undefined;
      return this.#session;
    }
    const session = await beginSession(this.#inputs);
    this.findings = session.findings;
    this.referenceSource = session.referenceSource;
    try {
      const resumed = await resumeSession(session, this.#inputs);
      if (resumed !== undefined) {
        this.learningRate = resumed.learningRate;
        this.history.splice(0, this.history.length, ...(resumed.history as StepOf<Metrics>[]));
      }
      if (this.history.some((step) => this.#early.observe(step))) this.stop();
    } catch (error) {
      endSession(session);
      throw error;
    }
    this.#session = session;
    return session;
  }

  async #pause(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    if (this.#stopping) endSession(session);
    else this.#paused = await pauseSession(session, this.model);
  }

  /** Does `work` after all earlier calls, and in a turn of its own: an interrupt cannot break it off (nextTurn.ts). */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const earlier = this.#last;
    const turn = nextTurn()
      .then(() => earlier)
      .then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Takes the next step. An error leaves the run paused: the next call tries the step again. */
  next(): Promise<IteratorResult<StepOf<Metrics>, void>> {
    return this.#inTurn(() => this.#advance());
  }

  /** Pauses the run and frees its tensors; `break` in a `for await` loop calls it. */
  return(): Promise<IteratorResult<StepOf<Metrics>, void>> {
    this.#leaving = true;
    this.#abandonEvaluation();
    return this.#inTurn(() => {
      this.#leaving = false;
      return this.#pause().then(() => noStep);
    });
  }

  /** Pauses the run as `return` does, and rejects with the error. */
  async throw(error: unknown): Promise<IteratorResult<StepOf<Metrics>, void>> {
    await this.return();
    throw error;
  }

  /** The run itself, for `for await`: a new loop continues after the last step. */
  [Symbol.asyncIterator](): this {
    // An interrupt may have broken off the cell's own code in an evaluation, which then never settles.
    this.#abandonEvaluation();
    return this;
  }

  #abandonEvaluation(): void {
    const abandon = this.#abandon;
    this.#abandon = () => undefined;
    void nextTurn().then(abandon);
  }
}
