/**
 * Generation with a cache of keys and values: the prompts pass once, then one token a step.
 *
 * Prompts of different lengths are padded on the left, so every row's next token stands in the same column.
 */
import { ApolabError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { tf } from '../tensor/index.js';
import type { ModelConfig } from './config.js';
import { maskedScore, hiddenStates, logits, type KeyValueCache } from './forward.js';
import type { Parameters } from './parameters.js';
import { checkSamplingOptions, createTokenSampler, type TokenSampler, type SamplingOptions } from './sampling.js';

export interface GenerateOptions extends SamplingOptions {
  /**
   * Each prompt draws from a stream of its own, named by the prompt (and how often it came before in this call), so its
   * response depends neither on its neighbours nor on its place.
   */
  readonly seed?: number;
  /** 64 by default. */
  readonly maxNewTokens?: number;
  /** Texts that end a response where they first come; they are no part of it. */
  readonly stop?: readonly string[];
}

/** What happened in one step: the row, its new token, and whether the row goes on. */
export interface GeneratedToken {
  readonly row: number;
  readonly token: number;
}

/**
 * Responses as token ids, without the end-of-sequence token; a row ends there or after `maxNewTokens`. Stop strings are a
 * matter of text: `LanguageModel.generate` knows them.
 *
 * @param prompts token ids, at least one a prompt
 * @param endOfSequence the token that ends a response, or all that do
 */
export function generateTokens(
  parameters: Parameters,
  config: ModelConfig,
  prompts: readonly (readonly number[])[],
  endOfSequence: number | readonly number[],
  options: GenerateOptions = {},
): number[][] {
  const responses: number[][] = prompts.map(() => []);
  for (const step of generateSteps(parameters, config, prompts, endOfSequence, options, new Set())) {
    for (const { row, token } of step) responses[row]!.push(token);
  }
  return responses;
}

/**
 * The same token by token: each step yields the rows that got one.
 *
 * @param stopped rows that the caller has heard enough of; it may add to them between steps
 */
export function* generateSteps(
  parameters: Parameters,
  config: ModelConfig,
  prompts: readonly (readonly number[])[],
  endOfSequence: number | readonly number[],
  options: GenerateOptions,
  stopped: ReadonlySet<number>,
): Generator<readonly GeneratedToken[]> {
  const { maxNewTokens = 64 } = options;
  check(prompts, config, options);
  if (prompts.length === 0) return;
  const ends = new Set([endOfSequence].flat());
  const width = Math.max(...prompts.map((prompt) => prompt.length));
  const padding = prompts.map((prompt) => width - prompt.length);
  const choose = choosers(prompts, options);
  const seen = prompts.map((prompt) => new Set(prompt));
  const running = new Set(prompts.keys());
  let next = prompts.flatMap((prompt, row) => [...Array<number>(padding[row]!).fill(0), ...prompt]);
  let cache: KeyValueCache | undefined;
  try {
    for (let step = 0; step < maxNewTokens && running.size > 0; step++) {
      const length = step === 0 ? width : 1;
      const cached = step === 0 ? 0 : width + step - 1;
      const pass = nextLogits(parameters, config, next, padding, length, cached, cache);
      dispose(cache);
      cache = pass.cache;
      next = Array<number>(prompts.length).fill(0);
      const chosen: GeneratedToken[] = [];
      for (const row of running) {
        const scores = pass.logits.subarray(row * config.vocabularySize, (row + 1) * config.vocabularySize);
        const token = choose[row]!(scores, seen[row]!);
        if (ends.has(token)) {
          running.delete(row);
          continue;
        }
        seen[row]!.add(token);
        next[row] = token;
        chosen.push({ row, token });
      }
      yield chosen;
      for (const row of stopped) running.delete(row);
    }
  } finally {
    dispose(cache);
  }
}

function check(prompts: readonly (readonly number[])[], config: ModelConfig, options: GenerateOptions): void {
  checkSamplingOptions(options);
  const { maxNewTokens = 64 } = options;
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 0) {
    throw new ApolabError(`maxNewTokens is ${maxNewTokens}, expected a whole number, 0 or more.`);
  }
  prompts.forEach((prompt, index) => {
    if (prompt.length === 0) {
      throw new ApolabError(
        `Prompt ${index + 1} of ${prompts.length} has no token; a response needs something before it.`,
      );
    }
    if (prompt.length > config.maxPositions) {
      throw new ApolabError(
        `Prompt ${index + 1} of ${prompts.length} has ${prompt.length} tokens; the model has ${config.maxPositions} positions.`,
      );
    }
  });
}

function dispose(cache: KeyValueCache | undefined): void {
  cache?.forEach(({ keys, values }) => tf.dispose([keys, values]));
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
    const batch = {
      tokens: tf.tensor2d([...tokens], [rows, length], 'int32'),
      positions: positionsFrom(padding, cached, length),
      seenPositions: positionsFrom(padding, 0, cached + length),
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

/** Positions of `length` columns from `first` on, counted from each row's own beginning: `[rows, length]`. */
function positionsFrom(padding: readonly number[], first: number, length: number): tf.Tensor2D {
  const positions = new Int32Array(padding.length * length);
  padding.forEach((pad, row) => {
    for (let column = 0; column < length; column++) {
      positions[row * length + column] = Math.max(0, first + column - pad);
    }
  });
  return tf.tensor2d(positions, [padding.length, length], 'int32');
}

/** A token sees itself and what stands before it, but never the padding on the left. */
function causalMask(padding: readonly number[], length: number, cached: number): tf.Tensor4D {
  const seen = cached + length;
  const mask = new Float32Array(padding.length * length * seen);
  padding.forEach((pad, row) => {
    for (let query = 0; query < length; query++) {
      const start = (row * length + query) * seen;
      mask.fill(maskedScore, start, start + pad);
      mask.fill(maskedScore, start + cached + query + 1, start + seen);
    }
  });
  return tf.tensor4d(mask, [padding.length, 1, length, seen]);
}

function choosers(prompts: readonly (readonly number[])[], options: GenerateOptions): TokenSampler[] {
  const timesSeen = new Map<string, number>();
  return prompts.map((prompt) => {
    const name = prompt.join(' ');
    const seen = timesSeen.get(name) ?? 0;
    timesSeen.set(name, seen + 1);
    return createTokenSampler(options, createRandom(options.seed ?? 0, 'generate', name, seen));
  });
}
