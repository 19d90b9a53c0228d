/** Estimates of the memory that a model needs, and the check that compares them with what is free. */
import {
  activeBackend,
  backends,
  formatBytes,
  keptLogits,
  layerMemory,
  memoryCheckVariable,
  OutOfMemoryError,
} from '../tensor/index.js';
import type { LayerFloats } from '../tensor/index.js';
import type { ModelConfig } from './config.js';
import { parameterShapes } from './parameters.js';

const floatBytes = 4;

/** Allocators round up and leave gaps: measured peaks were up to this factor above the sum of the live tensors. */
const allocation = 1.12;

/** Work that needs less is not checked: reading the machine's free memory would cost more than it saves. */
const uncheckedBytes = 2 ** 26;

/** The tokens of a pass. */
export interface PassShape {
  readonly rows: number;
  /** Tokens per row, padding included. */
  readonly length: number;
  /** Tokens of all rows without padding; if not given, all rows have the same length. */
  readonly tokens?: number;
  /** Visible tokens per row; `length` if there is no cache. */
  readonly seen?: number;
  /** Tokens for which the language-model head runs. */
  readonly predictions: number;
}

/** A need of memory in parts, in bytes; the parts' names are for messages. */
export type MemoryNeed = Readonly<Record<string, number>>;

/** The bytes of a model's weights in memory: float32, whatever type the checkpoint has. */
export function weightBytes(config: ModelConfig): number {
  return Object.values(parameterShapes(config)).reduce((sum, shape) => sum + bytesOf(shape), 0);
}

/** The bytes that a pass without gradients needs beside the weights. */
export function forwardBytes(config: ModelConfig, shape: PassShape): number {
  const { forward, logits, isPacked } = layerMemory();
  const { rows, length, seen = length, predictions } = shape;
  const oneLayer = layerFloats(config, shape, forward);
  const head = logits.forward * logitsAtOnce(config, predictions);
  // Packed trees have ranges instead of masks; generation has a mask on every backend.
  const masks = isPacked && shape.seen === undefined ? 0 : rows * length * (seen + 8 * config.headSize);
  return floatBytes * (Math.max(oneLayer, head) + masks) + headCopies(config);
}

/**
 * The bytes that a pass with gradients needs beside the weights and their gradients, when the gradient begins: what all layers hold for
 * it, and what the last layer and the head need while they are differentiated.
 */
export function gradientPassBytes(config: ModelConfig, shape: PassShape): number {
  const { training, forward, logits } = layerMemory();
  const held = config.layers * layerFloats(config, shape, training);
  const head = logits.peak * logitsAtOnce(config, shape.predictions);
  const kept = logits.kept * logitsAtOnce(config, shape.predictions);
  return floatBytes * (held + Math.max(head, kept + layerFloats(config, shape, forward))) + headCopies(config);
}

/** Copies of the head's weight, the largest one, while it is applied and differentiated. */
function headCopies({ vocabularySize, hiddenSize }: ModelConfig): number {
  return layerMemory().weightCopies * bytesOf([vocabularySize, hiddenSize]);
}

/** The numbers that one layer needs for all tokens of a pass. */
function layerFloats(config: ModelConfig, shape: PassShape, floats: LayerFloats): number {
  const { rows, length, seen = length } = shape;
  const { hiddenSize, intermediateSize, heads, keyValueHeads, headSize } = config;
  const perToken =
    floats.hidden * hiddenSize +
    floats.queries * heads * headSize +
    floats.keys * keyValueHeads * headSize +
    floats.intermediate * intermediateSize;
  return tokensOf(shape) * perToken + rows * length * floats.scores * heads * seen;
}

/** The tokens of a pass, with the padding if there is any. */
function tokensOf({ rows, length, tokens = rows * length }: PassShape): number {
  return layerMemory().isPacked ? tokens : rows * length;
}

/** The logits that exist at a time. */
function logitsAtOnce({ vocabularySize }: ModelConfig, predictions: number): number {
  return Math.min(predictions * vocabularySize, Math.max(keptLogits, vocabularySize));
}

function bytesOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, floatBytes);
}

/** The sum of a need's parts, with what the allocator adds. */
export function totalBytes(need: MemoryNeed): number {
  return allocation * Object.values(need).reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * Compares a need with the memory that the running backend can still use.
 *
 * @param work what needs the memory, as the beginning of a sentence: `Training this model`
 * @param waysOut what the user can do instead, each as a part of a sentence
 * @throws OutOfMemoryError if it does not fit, unless APOLAB_MEMORY_CHECK is `off`. The message has the need, its parts, what is
 * free, and the ways out.
 */
export function checkMemory(work: string, need: MemoryNeed, waysOut: readonly string[]): void {
  const id = activeBackend();
  const bytes = totalBytes(need);
  if (id === undefined || bytes < uncheckedBytes || process.env[memoryCheckVariable] === 'off') return;
  const free = backends[id].freeMemory();
  if (free === undefined || bytes <= free.bytes) return;
  const parts = Object.entries(need)
    .filter(([, part]) => part > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, part]) => `${name} ${formatBytes(part)}`);
  const other = id === 'wasm' ? ["the backend 'tensorflow' (npx apolab backend tensorflow)"] : [];
  throw new OutOfMemoryError(
    `${work} needs about ${formatBytes(bytes)} (${parts.join(', ')}), but the backend '${id}' has ${formatBytes(Math.max(0, free.bytes))} left of ` +
      `${free.of}. Use ${listed([...waysOut, ...other])}. ${memoryCheckVariable}=off starts it nevertheless.`,
  );
}

/** `a, b or c` */
function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)!}`;
}
