/** The memory that a training run needs beside the loaded model, and its check before anything is allocated. */
import {
  checkMemory,
  forwardBytes,
  gradientPassBytes,
  type LanguageModel,
  type MemoryNeed,
  type ModelConfig,
} from '../model/index.js';
import { layerMemory } from '../tensor/index.js';
import { optimizerSlots } from './optimizers.js';
import { largestGroup } from './parameterGroups.js';
import { worstBatch } from './prefixTree.js';
import type { TokenizedExample, TokenizedRow } from './tokenize.js';
import type { TrainSettings } from './trainOptions.js';

/** What decides the memory of a run. */
export interface MemoryOf {
  readonly model: LanguageModel;
  readonly tokenized: readonly TokenizedExample[];
  readonly settings: Pick<TrainSettings, 'batchSize' | 'gradientAccumulation' | 'optimizer' | 'maxLength'>;
  /** Whether a copy of the reference's weights is kept for a KL estimate. */
  readonly needsKl: boolean;
  /** Whether the run is saved, for which all running values are read at once, when no gradients exist. */
  readonly saves?: boolean;
}

/**
 * The memory of a run at its peak, in bytes, beside the weights that are loaded already. Batches are taken to be the worst case:
 * the rows with the most tokens together.
 */
export function trainingMemory({ model, tokenized, settings, needsKl, saves = false }: MemoryOf): MemoryNeed {
  const { config, trainable } = model;
  const sizes = Object.values(trainable).map(({ size }) => 4 * size);
  const trainableBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const isFull = model.adapter === undefined;
  const pass = gradientPassBytes(config, worstBatch(tokenized, settings.batchSize));
  // Only full training differentiates the embedding: first the head, and at the end the look-up, whose gradient is added to the head's.
  const embedding = isFull ? 4 * config.vocabularySize * config.hiddenSize : 0;
  // What the layers hold is freed while their gradients are made, so the pass takes the place of the gradients that do not exist yet.
  const begin = pass + embedding - trainableBytes;
  const step = layerMemory().stepTensors * Math.min(trainableBytes, Math.max(4 * largestGroup, ...sizes));
  const runningValues = optimizerSlots(settings.optimizer) * trainableBytes;
  const gradients = (settings.gradientAccumulation > 1 ? 2 : 1) * trainableBytes;
  return {
    "the optimizer's running values": runningValues,
    gradients,
    "the reference's weights": needsKl && isFull ? trainableBytes : 0,
    [passName(settings.batchSize, tokenized)]: Math.max(
      begin,
      2 * embedding,
      step,
      saves ? runningValues - gradients : 0,
    ),
  };
}

const passName = (batchSize: number, tokenized: readonly TokenizedExample[]) =>
  `a step with ${counted(Math.min(batchSize, tokenized.length), tokenized)} of up to ${longestOf(tokenized)} tokens`;

/**
 * Checks that a run fits.
 *
 * @throws OutOfMemoryError if it does not; the message names the ways out.
 */
export function checkTrainingMemory(given: MemoryOf): void {
  const { settings, tokenized } = given;
  const longest = longestOf(tokenized);
  const waysOut = [
    ...(given.model.adapter === undefined
      ? ['a LoRA adapter (--lora-rank 8, models.addAdapter), which trains fewer parameters']
      : []),
    ...(Math.min(settings.batchSize, tokenized.length) > 1
      ? [
          `a smaller batch (batchSize is ${settings.batchSize}; gradientAccumulation keeps the ${nounOf(tokenized)}s per step)`,
        ]
      : []),
    ...(longest > 64 ? [`shorter sequences (maxLength below ${longest})`] : []),
  ];
  checkMemory('Training this model', trainingMemory(given), waysOut.length > 0 ? waysOut : ['a smaller model']);
}

/** Most bytes of a pass for the reference's log-probabilities; one row is always computed. */
const referencePassBytes = 2 ** 29;

/** How many rows a pass without gradients gets: at most `most`, and so few that the pass needs little memory. */
export function rowsPerPass(config: ModelConfig, tokenized: readonly TokenizedRow[], most: number): number {
  let count = Math.min(most, tokenized.length);
  while (count > 1 && forwardBytes(config, worstBatch(tokenized, count)) > referencePassBytes)
    count = Math.ceil(count / 2);
  return Math.max(1, count);
}

const counted = (rows: number, tokenized: readonly TokenizedExample[]) =>
  `${rows} ${nounOf(tokenized)}${rows === 1 ? '' : 's'}`;

const nounOf = ([first]: readonly TokenizedExample[]) => (first?.label === undefined ? 'pair' : 'example');

/** Tokens of the longest sequence: a prompt with one of its responses. */
function longestOf(tokenized: readonly TokenizedRow[]): number {
  // Not Math.max(...): a set of rows can be longer than the number of arguments that a function takes.
  return tokenized.reduce(
    (longest, { prompt, responses }) =>
      responses.reduce((most, response) => Math.max(most, prompt.length + response.length), longest),
    0,
  );
}
