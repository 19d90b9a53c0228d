/**
 * Decoding by the layers' tensor operations, for every backend. Keys and values of all rows lie in one tensor per layer; rows are
 * padded on the left, so every row's next token is in the same column.
 */
import { maskedScore, read, tf } from '../tensor/index.js';
import type { ModelConfig } from './config.js';
import type { Decoder, DecoderSettings, GenerationRow } from './decoderTypes.js';
import { logits, nextHiddenStates, type KeyValueCache } from './forward.js';
import type { Parameters } from './parameters.js';
import { createTokenSampler, type TokenSampler } from './sampling.js';

/** Rows whose keys and values are in one cache. */
interface Cached {
  readonly rows: readonly GenerationRow[];
  /** Columns before each row's first token. */
  readonly padding: readonly number[];
  /** Columns of the cache. */
  readonly width: number;
  readonly cache: KeyValueCache;
}

/** A decoder of layers; one token per call. */
export function composedDecoder(parameters: Parameters, config: ModelConfig, settings: DecoderSettings): Decoder {
  const samplers = new WeakMap<GenerationRow, TokenSampler>();
  let cached: Cached | undefined;

  /** The new state replaces the old one, whose tensors are freed. */
  const keep = (next: Cached | undefined) => {
    if (cached !== undefined && cached !== next) dispose(cached.cache);
    cached = next;
  };
  const choose = (row: GenerationRow, scores: Float32Array) => {
    const sampler = samplers.get(row) ?? createTokenSampler(settings, row.random);
    samplers.set(row, sampler);
    return sampler(scores, row.seen);
  };

  return {
    async next(rows) {
      const running = new Set(rows);
      const chosen = new Map<GenerationRow, number>();
      const chooseAll = (some: readonly GenerationRow[], scores: Float32Array, placeOf: (index: number) => number) =>
        some.forEach((row, index) => {
          const start = placeOf(index) * config.vocabularySize;
          chosen.set(row, choose(row, scores.subarray(start, start + config.vocabularySize)));
        });

      const known = new Set(cached?.rows);
      if (cached !== undefined) keep(withOnly(cached, running));
      if (cached !== undefined) {
        const pass = await step(parameters, config, cached);
        keep(pass.cached);
        chooseAll(cached.rows, pass.logits, (index) => index);
      }
      const started = rows.filter((row) => !known.has(row));
      if (started.length > 0) {
        const names = started.map(({ prompt }) => prompt.join(' '));
        const distinct = new Map(names.map((name, index) => [name, started[index]!]));
        const order = new Map([...distinct.keys()].map((name, place) => [name, place]));
        const places = names.map((name) => order.get(name)!);
        const pass = await begin(parameters, config, [...distinct.values()]);
        const all = { ...pass.cached, rows: started, padding: places.map((place) => pass.cached.padding[place]!) };
        keep(joined(cached, { ...all, cache: gathered(pass.cached.cache, places) }));
        dispose(pass.cached.cache);
        chooseAll(started, pass.logits, (index) => places[index]!);
      }
      return rows.map((row) => [chosen.get(row)!]);
    },
    dispose: () => keep(undefined),
  };
}

function dispose(cache: KeyValueCache): void {
  cache.forEach(({ keys, values }) => tf.dispose([keys, values]));
}

/** The first pass over prompts. */
function begin(parameters: Parameters, config: ModelConfig, rows: readonly GenerationRow[]) {
  const width = Math.max(...rows.map(({ prompt }) => prompt.length));
  const padding = rows.map(({ prompt }) => width - prompt.length);
  const tokens = rows.flatMap(({ prompt }, row) => [...Array<number>(padding[row]!).fill(0), ...prompt]);
  return nextLogits(parameters, config, tokens, { rows, padding, width: 0, cache: undefined }, width);
}

/** A pass over the last token of each row. */
function step(parameters: Parameters, config: ModelConfig, cached: Cached) {
  const tokens = cached.rows.map(({ response }) => response.at(-1)!);
  return nextLogits(parameters, config, tokens, cached, 1);
}

/** One pass over `length` columns: the logits of each row's last token, `[rows * vocabulary]`, and the cache with the new columns. */
async function nextLogits(
  parameters: Parameters,
  config: ModelConfig,
  tokens: readonly number[],
  { rows, padding, width, cache }: Omit<Cached, 'cache'> & { readonly cache: KeyValueCache | undefined },
  length: number,
): Promise<{ logits: Float32Array; cached: Cached }> {
  const kept: { keys: tf.Tensor4D; values: tf.Tensor4D }[] = [];
  const last = tf.tidy(() => {
    const batch = {
      tokens: tf.tensor2d([...tokens], [rows.length, length], 'int32'),
      positions: positionsFrom(padding, width, length),
      seenPositions: positionsFrom(padding, 0, width + length),
      mask: causalMask(padding, length, width),
    };
    const states = nextHiddenStates(parameters, config, batch, cache, (keys, values) =>
      kept.push({ keys: tf.keep(keys.clone()), values: tf.keep(values.clone()) }),
    );
    const lastRows = tf.range(length - 1, rows.length * length, length, 'int32');
    return logits(parameters, config, tf.gather(states, lastRows));
  });
  try {
    return { logits: await read(last), cached: { rows, padding, width: width + length, cache: kept } };
  } catch (error) {
    dispose(kept);
    throw error;
  } finally {
    last.dispose();
  }
}

/** The rows that still run, without the columns that only the others had; undefined if none does. */
function withOnly(cached: Cached, running: ReadonlySet<GenerationRow>): Cached | undefined {
  const places = [...cached.rows.keys()].filter((place) => running.has(cached.rows[place]!));
  if (places.length === 0) return undefined;
  if (places.length === cached.rows.length) return cached;
  const spare = Math.min(...places.map((place) => cached.padding[place]!));
  return {
    rows: places.map((place) => cached.rows[place]!),
    padding: places.map((place) => cached.padding[place]! - spare),
    width: cached.width - spare,
    cache: mapped(cached.cache, (x) => tf.slice(tf.gather(x, places), [0, 0, spare, 0])),
  };
}

/** Some rows of a cache, a row as often as it is named. */
function gathered(cache: KeyValueCache, places: readonly number[]): KeyValueCache {
  return mapped(cache, (x) => tf.gather(x, [...places]));
}

/** Two caches as one, the narrower one padded on the left. The second is used up. */
function joined(first: Cached | undefined, second: Cached): Cached {
  if (first === undefined) return second;
  const width = Math.max(first.width, second.width);
  const widened = (x: tf.Tensor4D) => {
    const missing = width - x.shape[2];
    const pads: [number, number][] = [
      [0, 0],
      [0, 0],
      [missing, 0],
      [0, 0],
    ];
    return missing === 0 ? x : tf.pad(x, pads);
  };
  const cache = first.cache.map(({ keys, values }, layer) => ({
    keys: tf.tidy(() => tf.concat([widened(keys), widened(second.cache[layer]!.keys)])),
    values: tf.tidy(() => tf.concat([widened(values), widened(second.cache[layer]!.values)])),
  }));
  dispose(second.cache);
  const padding = [first, second].flatMap((part) => part.padding.map((columns) => columns + width - part.width));
  return { rows: [...first.rows, ...second.rows], padding, width, cache };
}

function mapped(cache: KeyValueCache, change: (x: tf.Tensor4D) => tf.Tensor4D): KeyValueCache {
  return cache.map(({ keys, values }) => ({
    keys: tf.tidy(() => change(keys)),
    values: tf.tidy(() => change(values)),
  }));
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
