/**
 * Generation with a cache of keys and values: one pass over the prompts, then one token per row and step.
 *
 * Prompts of different lengths are padded on the left, so every row's next token is in the same column.
 */
import { ApolabError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { maskedScore, read, tf } from '../tensor/index.js';
import { checkMemory, forwardBytes } from './memory.js';
import type { ModelConfig } from './config.js';
import { logits, nextHiddenStates, type KeyValueCache } from './forward.js';
import type { Parameters } from './parameters.js';
import { checkSamplingOptions, createTokenSampler, type SamplingOptions, type TokenSampler } from './sampling.js';

/** How responses are generated. */
export interface GenerateOptions extends SamplingOptions {
  /**
   * Seed of the draws; 0 by default. Each prompt has its own random stream, named by its tokens and by how often they occurred
   * earlier in the same call, so a response does not depend on the other prompts or their order.
   */
  readonly seed?: number;
  /** Most tokens per response; 64 by default. */
  readonly maxNewTokens?: number;
  /** A response ends before the first of these texts. */
  readonly stop?: readonly string[];
}

/** One new token of one row. */
export interface GeneratedToken {
  /** Index of the prompt. */
  readonly row: number;
  readonly token: number;
}

/**
 * Generates responses as token ids. A response ends before an end-of-sequence token or after `maxNewTokens`. Stop strings are
 * ignored here, because they are text: `LanguageModel.generate` applies them.
 *
 * @param prompts token ids, at least one per prompt
 * @param endOfSequence the id, or all ids, that end a response
 * @returns one list of token ids per prompt, without the end-of-sequence token
 * @throws ApolabError if a prompt is empty or too long, an option is out of range, or the model computes NaN.
 */
export async function generateTokens(
  parameters: Parameters,
  config: ModelConfig,
  prompts: readonly (readonly number[])[],
  endOfSequence: number | readonly number[],
  options: GenerateOptions = {},
): Promise<number[][]> {
  const responses: number[][] = prompts.map(() => []);
  for await (const step of generateSteps(parameters, config, prompts, endOfSequence, options, new Set())) {
    for (const { row, token } of step) responses[row]!.push(token);
  }
  return responses;
}

/**
 * `generateTokens` step by step: each step yields the new tokens of the rows that are still running.
 *
 * @param stopped rows that the caller does not need any more; it can add to them between steps
 */
export async function* generateSteps(
  parameters: Parameters,
  config: ModelConfig,
  prompts: readonly (readonly number[])[],
  endOfSequence: number | readonly number[],
  options: GenerateOptions,
  stopped: ReadonlySet<number>,
): AsyncGenerator<readonly GeneratedToken[], void, undefined> {
  const { maxNewTokens = 64 } = options;
  check(prompts, config, options);
  if (prompts.length === 0) return;
  const ends = new Set([endOfSequence].flat());
  const width = Math.max(...prompts.map((prompt) => prompt.length));
  const padding = prompts.map((prompt) => width - prompt.length);
  checkGenerationMemory(config, prompts.length, width, maxNewTokens);
  const choose = tokenSamplers(prompts, options);
  const seen = prompts.map((prompt) => new Set(prompt));
  const running = new Set(prompts.keys());
  let next = prompts.flatMap((prompt, row) => [...Array<number>(padding[row]!).fill(0), ...prompt]);
  let cache: KeyValueCache | undefined;
  try {
    for (let step = 0; step < maxNewTokens && running.size > 0; step++) {
      const length = step === 0 ? width : 1;
      const cached = step === 0 ? 0 : width + step - 1;
      const pass = await nextLogits(parameters, config, next, padding, length, cached, cache);
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
        `Prompt ${index + 1} of ${prompts.length} has no token; a response needs at least one before it.`,
      );
    }
    if (prompt.length > config.maxPositions) {
      throw new ApolabError(
        `Prompt ${index + 1} of ${prompts.length} has ${prompt.length} tokens; the model has ${config.maxPositions} positions.`,
      );
    }
  });
}

/** Checks that the first pass, or the cache of the last one, fits: generation needs the larger one beside the weights. */
function checkGenerationMemory(config: ModelConfig, rows: number, width: number, maxNewTokens: number): void {
  const cached = 2 * 4 * rows * config.layers * config.keyValueHeads * config.headSize;
  const seen = width + maxNewTokens;
  const need = {
    // While a step runs, its layer's cache exists twice.
    'keys and values of earlier tokens': cached * seen * (1 + 1 / config.layers),
    'the pass over the prompts': forwardBytes(config, { rows, length: width, seen: width, predictions: rows }),
  };
  checkMemory('Generation', need, [
    `fewer prompts at a time (now ${rows})`,
    `shorter prompts (now up to ${width} tokens)`,
    `fewer new tokens (now up to ${maxNewTokens})`,
  ]);
}

function dispose(cache: KeyValueCache | undefined): void {
  cache?.forEach(({ keys, values }) => tf.dispose([keys, values]));
}

/** One pass: the logits of each row's last token, `[rows * vocabulary]`, and the cache for the next pass. */
async function nextLogits(
  parameters: Parameters,
  config: ModelConfig,
  tokens: readonly number[],
  padding: readonly number[],
  length: number,
  cached: number,
  cache: KeyValueCache | undefined,
): Promise<{ logits: Float32Array; cache: KeyValueCache }> {
  const rows = padding.length;
  const kept: { keys: tf.Tensor4D; values: tf.Tensor4D }[] = [];
  const last = tf.tidy(() => {
    const batch = {
      tokens: tf.tensor2d([...tokens], [rows, length], 'int32'),
      positions: positionsFrom(padding, cached, length),
      seenPositions: positionsFrom(padding, 0, cached + length),
      mask: causalMask(padding, length, cached),
    };
    const states = nextHiddenStates(parameters, config, batch, cache, (keys, values) =>
      kept.push({ keys: tf.keep(keys.clone()), values: tf.keep(values.clone()) }),
    );
    const lastRows = tf.range(length - 1, rows * length, length, 'int32');
    return logits(parameters, config, tf.gather(states, lastRows));
  });
  try {
    return { logits: await read(last), cache: kept };
  } catch (error) {
    dispose(kept);
    throw error;
  } finally {
    last.dispose();
  }
}

/** Positions of `length` columns, starting with column `first`; each row counts from its first token. `[rows, length]` */
function positionsFrom(padding: readonly number[], first: number, length: number): tf.Tensor2D {
  const positions = new Int32Array(padding.length * length);
  padding.forEach((pad, row) => {
    for (let column = 0; column < length; column++) {
      positions[row * length + column] = Math.max(0, first + column - pad);
    }
  });
  return tf.tensor2d(positions, [padding.length, length], 'int32');
}

/** A token sees itself and the tokens before it, but not the padding. `[rows, 1, length, cached + length]` */
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

/** One sampler per prompt, each with its own random stream. */
function tokenSamplers(prompts: readonly (readonly number[])[], options: GenerateOptions): TokenSampler[] {
  const timesSeen = new Map<string, number>();
  return prompts.map((prompt) => {
    const name = prompt.join(' ');
    const seen = timesSeen.get(name) ?? 0;
    timesSeen.set(name, seen + 1);
    return createTokenSampler(options, createRandom(options.seed ?? 0, 'generate', name, seen));
  });
}
