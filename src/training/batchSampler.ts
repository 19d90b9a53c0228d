/** Which rows (pairs or unpaired examples) each step trains on: a pure function of their number and the settings, so a resumed run gets the same batches. */
import { createRandom } from '../core/random.js';
import type { TrainSettings } from './trainOptions.js';

/** The batches of a run. Steps are counted from 0. */
export interface BatchSampler {
  /** Steps of the whole run. */
  readonly steps: number;
  /** For each micro-batch of a step the indices of its rows. */
  batchesOf(step: number): number[][];
  /** Epochs completed after a step; a whole number at the end of an epoch. */
  epochAfter(step: number): number;
}

/**
 * Divides a run into micro-batches of `batchSize` rows and steps of `gradientAccumulation` micro-batches; the last ones of an epoch
 * can be smaller. With `shuffle`, each epoch has its own order, which depends on the seed and the epoch.
 *
 * @param rows number of rows, 1 or more
 */
export function createBatchSampler(rows: number, settings: TrainSettings): BatchSampler {
  const { batchSize, gradientAccumulation, epochs, maxSteps, shuffle, seed } = settings;
  const batchesPerEpoch = Math.ceil(rows / batchSize);
  const stepsPerEpoch = Math.ceil(batchesPerEpoch / gradientAccumulation);
  const inOrder = Array.from({ length: rows }, (_, index) => index);
  const orderOf = lastCall((epoch: number) =>
    shuffle ? createRandom(seed, 'order of pairs', epoch).shuffle(inOrder) : inOrder,
  );
  return {
    steps: maxSteps ?? Math.ceil(stepsPerEpoch * epochs),
    batchesOf: (step) => {
      const order = orderOf(Math.floor(step / stepsPerEpoch));
      const first = (step % stepsPerEpoch) * gradientAccumulation;
      const count = Math.min(gradientAccumulation, batchesPerEpoch - first);
      return Array.from({ length: count }, (_, index) =>
        order.slice((first + index) * batchSize, (first + index + 1) * batchSize),
      );
    },
    epochAfter: (step) => {
      const done = Math.min(batchesPerEpoch, ((step % stepsPerEpoch) + 1) * gradientAccumulation);
      return (Math.floor(step / stepsPerEpoch) * batchesPerEpoch + done) / batchesPerEpoch;
    },
  };
}

/** The same function, with a cache of the last result. */
function lastCall<Result>(compute: (argument: number) => Result): (argument: number) => Result {
  let last: { readonly argument: number; readonly result: Result } | undefined;
  return (argument) => {
    if (last?.argument !== argument) last = { argument, result: compute(argument) };
    return last.result;
  };
}
