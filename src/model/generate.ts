/**
 * Generation with a cache of keys and values: the prompts pass once, then one token a step.
 *
 * Prompts of different lengths are padded on the left, so every row's next token stands in the same column.
 */
import { createRandom, type Random } from '../random.js';
import { tf } from '../tensor/index.js';
import type { ModelConfig } from './config.js';
import { hidden, hiddenStates, logits, type KeyValueCache } from './forward.js';
import type { Parameters } from './parameters.js';

export interface GenerateOptions {
  /** 0 (the default) takes the likeliest token; above, tokens are drawn from `softmax(logits / temperature)`. */
  readonly temperature?: number;
  /**
   * Each prompt draws from a stream of its own, named by the prompt (and how often it came before in this call), so its
   * response depends neither on its neighbours nor on its place.
   */
  readonly seed?: number;
  readonly maxNewTokens?: number;
}

/**
 * Responses as token ids, without the end-of-sequence token; a row ends there or after `maxNewTokens`.
 *
 * @param prompts token ids, at least one a prompt
 */
export function generateTokens(
  parameters: Parameters,
  config: ModelConfig,
  prompts: readonly (readonly number[])[],
  endOfSequence: number,
  { temperature = 0, seed = 0, maxNewTokens = 64 }: GenerateOptions = {},
): number[][] {
  const rows = prompts.length;
  if (rows === 0) return [];
  const width = Math.max(...prompts.map((prompt) => prompt.length));
  const padding = prompts.map((prompt) => width - prompt.length);
  const choose = choosers(prompts, temperature, seed);
  const responses: number[][] = prompts.map(() => []);
  const running = new Set(responses.keys());
  let next = prompts.flatMap((prompt, row) => [...Array<number>(padding[row]!).fill(endOfSequence), ...prompt]);
  let cache: KeyValueCache | undefined;
  for (let step = 0; step < maxNewTokens && running.size > 0; step++) {
    const length = step === 0 ? width : 1;
    const cached = step === 0 ? 0 : width + step - 1;
    const pass = nextLogits(parameters, config, next, padding, length, cached, cache);
    cache?.forEach(({ keys, values }) => tf.dispose([keys, values]));
    cache = pass.cache;
    next = responses.map((response, row) => {
      if (!running.has(row)) return endOfSequence;
      const token = choose[row]!(pass.logits.subarray(row * config.vocabularySize, (row + 1) * config.vocabularySize));
      if (token === endOfSequence) running.delete(row);
      else response.push(token);
      return token;
    });
  }
  cache?.forEach(({ keys, values }) => tf.dispose([keys, values]));
  return responses;
}

/** One pass: the logits of each row's last token, and the cache that the next pass goes on from. */
function nextLogits(
  parameters: Parameters,
  config: ModelConfig,
  tokens: readonly number[],
  padding: readonly number[],
  length: number,
  cached: number,
  cache: KeyValueCache | undefined,
): { logits: Float32Array; cache: KeyValueCache } {
  const rows = padding.length;
  const kept: { keys: tf.Tensor4D; values: tf.Tensor4D }[] = [];
  // Read after the tidy: a typed array that a tidy returns is walked element by element.
  const last = tf.tidy(() => {
    const columns = Array.from({ length }, (_, column) => cached + column);
    const batch = {
      tokens: tf.tensor2d([...tokens], [rows, length], 'int32'),
      positions: tf.tensor2d(
        padding.flatMap((pad) => columns.map((column) => Math.max(0, column - pad))),
        [rows, length],
        'int32',
      ),
      mask: causalMask(padding, length, cached),
    };
    const states = hiddenStates(parameters, config, batch, cache, (keys, values) =>
      kept.push({ keys: tf.keep(keys.clone()), values: tf.keep(values.clone()) }),
    );
    const lastRows = tf.range(length - 1, rows * length, length, 'int32');
    return logits(parameters, config, tf.gather(states, lastRows));
  });
  const values = last.dataSync<'float32'>();
  last.dispose();
  return { logits: values, cache: kept };
}

/** A token sees itself and what stands before it, but never the padding on the left. */
function causalMask(padding: readonly number[], length: number, cached: number): tf.Tensor4D {
  const seen = cached + length;
  const mask = new Float32Array(padding.length * length * seen);
  padding.forEach((pad, row) => {
    for (let query = 0; query < length; query++) {
      const start = (row * length + query) * seen;
      mask.fill(hidden, start, start + pad);
      mask.fill(hidden, start + cached + query + 1, start + seen);
    }
  });
  return tf.tensor4d(mask, [padding.length, 1, length, seen]);
}

type Choose = (scores: Float32Array) => number;

function choosers(prompts: readonly (readonly number[])[], temperature: number, seed: number): Choose[] {
  const timesSeen = new Map<string, number>();
  return prompts.map((prompt) => {
    if (temperature === 0) return likeliest;
    const name = prompt.join(' ');
    const seen = timesSeen.get(name) ?? 0;
    timesSeen.set(name, seen + 1);
    return draw(temperature, createRandom(seed, 'generate', name, seen));
  });
}

const largest = (scores: Float32Array) => scores.reduce((best, score) => Math.max(best, score), -Infinity);

const likeliest: Choose = (scores) => scores.indexOf(largest(scores));

/** Draws from `softmax(scores / temperature)`. */
function draw(temperature: number, random: Random): Choose {
  return (scores) => {
    const top = largest(scores);
    const weights = Array.from(scores, (score) => Math.exp((score - top) / temperature));
    return random.pickWeighted([...weights.keys()], weights);
  };
}
