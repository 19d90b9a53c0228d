/** `watch(run)`: trains a run and shows how it learns. */
import { nextTurn } from '../../src/core/nextTurn.js';
import type { Display } from '../display/display.js';
import { loadLearningView, type LearningView } from './learningView.js';
import type { StepOf, Watch, WatchedRun, Watching, WatchOptions, WatchSample } from './watchTypes.js';

const usualTokens = 48;
/** By default a run is sampled so many times. */
const usualSamples = 10;

/** The samples of a run, as long as somebody holds the run. */
interface Kept {
  readonly prompts: readonly string[];
  readonly samples: WatchSample[];
}

/** The global `watch`, drawn by `display`; `now` is a clock in milliseconds. */
export function createWatch(display: Display, now: () => number = () => performance.now()): Watch {
  const kept = new WeakMap<WatchedRun, Kept>();
  const watching = new WeakMap<WatchedRun, RunWatch<WatchedRun>>();
  return <Run extends WatchedRun>(run: Run, options: WatchOptions = {}): Watching<Run> => {
    const { prompts = [], every, maxNewTokens } = options;
    for (const [name, value] of Object.entries({ every, maxNewTokens })) {
      if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
      throw new RangeError(`${name} is ${value}; it has to be a whole number of 1 or more.`);
    }
    const before = kept.get(run);
    const isSame = before?.prompts.join('\0') === prompts.join('\0');
    const { samples } = isSame ? before : { samples: [] };
    kept.set(run, { prompts, samples });
    // An interrupt can have ended the cell of an earlier one without its knowledge.
    watching.get(run)?.detach();
    const watch = new RunWatch(run, options, samples, display, now);
    watching.set(run, watch);
    return watch;
  };
}

/** One `watch` of a run. */
class RunWatch<Run extends WatchedRun> implements Watching<Run> {
  readonly #every: number;
  #view: LearningView | undefined;
  #iterator: AsyncIterator<unknown> | undefined;
  #whole: Promise<Run> | undefined;
  #ended = false;
  readonly #stop = () => void this.return();

  constructor(
    private readonly run: Run,
    private readonly options: WatchOptions,
    readonly samples: WatchSample[],
    private readonly display: Display,
    private readonly now: () => number,
  ) {
    this.#every = options.every ?? Math.max(1, Math.ceil(run.steps / usualSamples));
  }

  /** Takes the next step and draws what is due. */
  async next(): Promise<IteratorResult<StepOf<Run>, void>> {
    if (this.#ended) return { done: true, value: undefined };
    // From here on no interrupt breaks this code off (nextTurn.ts).
    await nextTurn();
    try {
      await this.#begin();
      if (this.#isEnded()) return { done: true, value: undefined };
      const result = await (this.#iterator!.next() as Promise<IteratorResult<StepOf<Run>, void>>);
      if (result.done === true) return this.#end();
      await this.#sampleIfDue();
      if (!this.#isEnded()) this.#view!.step();
      return result;
    } catch (error) {
      this.#end('ended by an error; the same cell tries the step again');
      throw error;
    }
  }

  /** Pauses the run; `break` in a `for await` loop and the stop button call it. */
  async return(): Promise<IteratorResult<StepOf<Run>, void>> {
    if (!this.#ended) {
      const { history, steps } = this.run;
      this.#end(history.length < steps ? 'run this cell again to continue' : undefined);
      await this.#iterator?.return?.();
    }
    return { done: true, value: undefined };
  }

  /** Pauses the run, and rejects with the error. */
  async throw(error: unknown): Promise<IteratorResult<StepOf<Run>, void>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Trains to the end; resolves to the run. */
  then<Value = Run, Other = never>(
    onFulfilled?: ((run: Run) => Value | PromiseLike<Value>) | null,
    onRejected?: ((reason: unknown) => Other | PromiseLike<Other>) | null,
  ): Promise<Value | Other> {
    return (this.#whole ??= this.#all()).then(onFulfilled, onRejected);
  }

  /** Draws and hears nothing any more. */
  detach(): void {
    this.#ended = true;
    process.removeListener('SIGINT', this.#stop);
  }

  /** A cell that waits for the promise is ended by the stop button, and calls nothing here then. */
  async #all(): Promise<Run> {
    // A listener that is added inside the kernel's guard is lost (guard.ts).
    await nextTurn();
    process.on('SIGINT', this.#stop);
    try {
      while ((await this.next()).done !== true);
    } finally {
      process.removeListener('SIGINT', this.#stop);
    }
    return this.run;
  }

  async #begin(): Promise<void> {
    if (this.#iterator !== undefined) return;
    const open = await loadLearningView();
    this.#iterator = this.run[Symbol.asyncIterator]();
    this.#view = open(this.display, this.run, this.options, this.now);
    if (this.samples.length > 0) this.#view.answers(this.samples);
    await this.#sampleIfDue();
  }

  /** Samples if a multiple of `every` was passed since the last sample, before the first step, and after the last one. */
  async #sampleIfDue(): Promise<void> {
    const { prompts = [], maxNewTokens = usualTokens } = this.options;
    const step = this.run.history.length;
    const last = this.samples.at(-1)?.step;
    const passed = last === undefined || Math.floor(step / this.#every) > Math.floor(last / this.#every);
    const isDue = passed || (step === this.run.steps && last !== step);
    if (prompts.length === 0 || !isDue || this.#ended) return;
    const answers = await this.run.model.generate(prompts, { temperature: 0, maxNewTokens });
    this.samples.push({ step, answers });
    if (!this.#isEnded()) this.#view!.answers(this.samples);
  }

  /** A method, because TypeScript does not know that a call can change the field. */
  #isEnded(): boolean {
    return this.#ended;
  }

  #end(note?: string): { done: true; value: undefined } {
    if (!this.#ended) this.#view?.end(note);
    this.#ended = true;
    return { done: true, value: undefined };
  }
}
