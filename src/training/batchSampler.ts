/** Which pairs each step sees: a pure function of how many there are and of the settings, so a resumed run has it anew. */
import { createRandom } from '../core/random.js';
import type { TrainSettings } from './trainOptions.js';

export interface BatchSampler {
  readonly steps: number;
  /** The pairs of each of a step's micro-batches, by their places in the list. Steps count from 0. */
  batchesOf(step: number): number[][];
  /** Epochs done after a step; a whole number at the end of each. */
  epochAfter(step: number): number;
}

/**
 * Lays out a run: micro-batches of `batchSize` pairs, steps of `gradientAccumulation` micro-batches, the last of each epoch
 * taking what is left; with `shuffle` a new order each epoch, drawn by seed and epoch.
 */
export function createBatchSampler(pairs: number, settings: TrainSettings): BatchSampler {
  const { batchSize, gradientAccumulation, epochs, maxSteps, shuffle, seed } = settings;
  const batchesAnEpoch = Math.ceil(pairs / batchSize);
  const stepsAnEpoch = Math.ceil(batchesAnEpoch / gradientAccumulation);
  const inOrder = Array.from({ length: pairs }, (_, index) => index);
  const orderOf = lastCall((epoch: number) =>
    shuffle ? createRandom(seed, 'order of pairs', epoch).shuffle(inOrder) : inOrder,
  );
  return {
    steps: maxSteps ?? Math.ceil(stepsAnEpoch * epochs),
    batchesOf: (step) => {
      const order = orderOf(Math.floor(step / stepsAnEpoch));
      const first = (step % stepsAnEpoch) * gradientAccumulation;
      const count = Math.min(gradientAccumulation, batchesAnEpoch - first);
      return Array.from({ length: count }, (_, index) =>
        order.slice((first + index) * batchSize, (first + index + 1) * batchSize),
      );
    },
    epochAfter: (step) => {
      const done = Math.min(batchesAnEpoch, ((step % stepsAnEpoch) + 1) * gradientAccumulation);
      return (Math.floor(step / stepsAnEpoch) * batchesAnEpoch + done) / batchesAnEpoch;
    },
  };
}

/** The same function, which remembers the result of its last call. */
function lastCall<Result>(compute: (argument: number) => Result): (argument: number) => Result {
  let last: { readonly argument: number; readonly result: Result } | undefined;
  return (argument) => {
    if (last?.argument !== argument) last = { argument, result: compute(argument) };
    return last.result;
  };
}
