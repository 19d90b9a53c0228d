/** Generation: which prompts run at a time, where each response ends. decoder.ts computes the tokens. */
import { ApolabError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import type { ModelConfig } from './config.js';
import { createDecoder, nativeDecoderOf } from './decoder.js';
import type { GenerationRow } from './decoderTypes.js';
import { checkMemory, forwardBytes } from './memory.js';
import type { Parameters } from './parameters.js';
import { checkSamplingOptions, type SamplingOptions } from './sampling.js';

/** How responses are generated. */
export interface GenerateOptions extends SamplingOptions {
  /**
   * Seed of the draws; 0 by default. Each prompt has its own random stream, named by its tokens and by how often they occurred
   * earlier in the same call, so a response does not depend on the other prompts or their order.
   */
  readonly seed?: number;
  /** Most tokens per response; 64 by default. */
  readonly maxNewTokens?: number;
  /**
   * Most prompts that are computed at a time; 64 by default. When a response ends, the next prompt takes its place. It changes the time
   * and the memory that a call needs, not its result.
   */
  readonly batchSize?: number;
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
 * `generateTokens` step by step: each step yields the new tokens of the rows that are still running. At most `batchSize` prompts run at
 * a time; when a response ends, the next prompt takes its place.
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
  const { maxNewTokens = 64, batchSize = 64 } = options;
  check(prompts, config, options);
  if (prompts.length === 0 || maxNewTokens === 0) return;
  const ends = new Set([endOfSequence].flat());
  const atOnce = Math.min(batchSize, prompts.length);
  checkGenerationMemory(config, atOnce, Math.max(...prompts.map((prompt) => prompt.length)), maxNewTokens);
  const rows = generationRows(prompts, options);
  const waiting = [...rows.keys()];
  const running = new Set(waiting.splice(0, atOnce));
  const decoder = createDecoder(parameters, config, { ...options, ends, rows: atOnce, maxNewTokens });
  try {
    while (running.size > 0) {
      const order = [...running];
      const batch = order.map((row) => rows[row]!);
      const most = maxNewTokens - Math.max(...batch.map(({ response }) => response.length));
      const next = await decoder.next(batch, most);
      for (let step = 0; step < next[0]!.length; step++) {
        const chosen: GeneratedToken[] = [];
        for (const [index, row] of order.entries()) {
          if (!running.has(row)) continue;
          const token = next[index]![step]!;
          const { response, seen } = rows[row]!;
          if (ends.has(token)) {
            running.delete(row);
            continue;
          }
          response.push(token);
          seen.add(token);
          chosen.push({ row, token });
          if (response.length === maxNewTokens) running.delete(row);
        }
        yield chosen;
        for (const row of stopped) running.delete(row);
      }
      for (const row of waiting.splice(0, atOnce - running.size)) running.add(row);
    }
  } finally {
    decoder.dispose();
  }
}

function check(prompts: readonly (readonly number[])[], config: ModelConfig, options: GenerateOptions): void {
  checkSamplingOptions(options);
  const { maxNewTokens = 64, batchSize = 64 } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new ApolabError(`batchSize is ${batchSize}, expected a whole number, 1 or more.`);
  }
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
  const tokensAtOnce = nativeDecoderOf()?.tokensAtOnce;
  const [copies, pass] =
    tokensAtOnce === undefined
      ? // While a step runs, its layer's cache exists twice.
        [1 + 1 / config.layers, { rows, length: width, seen: width, predictions: rows }]
      : // While a cache grows, half of it exists a second time, up to half as long.
        [1.25, { rows: 1, length: Math.min(tokensAtOnce, rows * width), predictions: rows }];
  const need = {
    'keys and values of earlier tokens': cached * seen * copies,
    'the pass over the prompts': forwardBytes(config, pass),
  };
  checkMemory('Generation', need, [
    `fewer prompts at a time (now ${rows})`,
    `shorter prompts (now up to ${width} tokens)`,
    `fewer new tokens (now up to ${maxNewTokens})`,
  ]);
}

/** One row per prompt, each with its own random stream. */
function generationRows(prompts: readonly (readonly number[])[], options: GenerateOptions): GenerationRow[] {
  const timesSeen = new Map<string, number>();
  return prompts.map((prompt) => {
    const name = prompt.join(' ');
    const before = timesSeen.get(name) ?? 0;
    timesSeen.set(name, before + 1);
    const random = createRandom(options.seed ?? 0, 'generate', name, before);
    return { prompt, response: [], seen: new Set(prompt), random };
  });
}
