/** The types of the global `watch`. */
import type { Followed } from '../../src/core/followed.js';

/** The metrics of a step that are drawn, by TRL's names; a step on unpaired rows may lack some. */
export interface WatchedStep {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly 'rewards/chosen'?: number;
  readonly 'rewards/rejected'?: number;
  readonly 'rewards/margins'?: number;
}

/** A run that can be watched: a `TrainingRun`, or anything that trains a model step by step and keeps its history. */
export interface WatchedRun extends AsyncIterable<WatchedStep>, Followed {
  readonly history: readonly WatchedStep[];
  /** Steps of the whole run. */
  readonly steps: number;
  readonly model: {
    generate(
      prompts: readonly string[],
      options: { readonly temperature: number; readonly maxNewTokens: number },
    ): Promise<string[]>;
  };
}

/** Options of `watch`. */
export interface WatchOptions {
  /** Prompts that the model answers before the run, every `every` steps, and after the run, always with the likeliest tokens. */
  readonly prompts?: readonly string[];
  /** Steps between two samples; a tenth of the run by default. */
  readonly every?: number;
  /** Most tokens per answer; 48 by default. */
  readonly maxNewTokens?: number;
  /** Smoothing of the curves, from 0 (none) to below 1; 0.6 by default. */
  readonly smoothing?: number;
}

/** The answers to the prompts after a step. */
export interface WatchSample {
  /** 0 before the first step. */
  readonly step: number;
  readonly answers: readonly string[];
}

/**
 * A run that is being watched: `await` it to train to the end, which gives the run, or iterate over it to look at each step.
 */
export interface Watching<Run extends WatchedRun> extends AsyncGenerator<StepOf<Run>, void>, PromiseLike<Run> {
  /** The samples so far, also those of an earlier `watch` of the same run with the same prompts. */
  readonly samples: readonly WatchSample[];
}

/** What a run yields. */
export type StepOf<Run extends WatchedRun> = Run['history'][number];

/** The global `watch`. */
/**
 * Trains a run and shows how it learns: a bar with the time left, the curves of loss, rewards and margin, and how the answers
 * to `prompts` change.
 *
 * The stop button pauses the run; the same cell continues it if the run itself is made in an earlier cell. The curves are drawn
 * at least twice a second and take at most a twentieth of the time; sampling takes the time that it takes.
 *
 * @throws RangeError if `every` or `maxNewTokens` is not a whole number of 1 or more.
 *
 * @example
 * const run = training.train(policy, pairs, { objective: 'apo_zero', epochs: 4 });
 * // in the next cell, which can be stopped and run again:
 * await watch(run, { prompts: pairs.slice(0, 2).map(({ prompt }) => prompt), every: 20 });
 */
export type Watch = <Run extends WatchedRun>(run: Run, options?: WatchOptions) => Watching<Run>;
