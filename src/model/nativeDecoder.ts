/** Decoding by a backend's own operation: which row has which place in the cache, and which prompts are computed once. */
import { ApolabError } from '../core/errors.js';
import type {
  DecoderCache,
  DecoderLayer,
  DecoderMap,
  DecoderModel,
  DecoderSegment,
  NativeDecoder,
} from '../tensor/index.js';
import type { ModelConfig } from './config.js';
import type { Decoder, DecoderSettings, GenerationRow } from './decoderTypes.js';
import {
  adapterName,
  embeddingModule,
  embeddingName,
  finalNormName,
  headModule,
  layerModule,
  layerName,
  type Parameters,
} from './parameters.js';
import { rotaryFrequencies } from './rope.js';
import { notFiniteScores } from './sampling.js';

/** Most steps of one call, and the time after which it begins no further one: in between, nothing else runs in the process. */
const [stepsAtOnce, millisecondsAtOnce] = [16, 25];

/** What is known of a row while it is in the batch. */
interface Place {
  readonly slot: number;
  /** Drawn from the row's stream and not used yet. */
  readonly draws: number[];
}

/** A decoder that runs `native`. */
export function nativeDecoder(
  native: NativeDecoder,
  parameters: Parameters,
  config: ModelConfig,
  settings: DecoderSettings,
): Decoder {
  const model = decoderModel(parameters, config);
  const { temperature = 0, topK = 0, topP = 1, repetitionPenalty = 1, ends, maxNewTokens } = settings;
  const options = { temperature, topK, topP, repetitionPenalty, ends: [...ends], milliseconds: millisecondsAtOnce };
  let places = new Map<GenerationRow, Place>();
  let cache: DecoderCache | undefined;

  const makeRoom = (rows: readonly GenerationRow[], steps: number) => {
    const needed = Math.max(...rows.map(({ prompt, response }) => prompt.length + response.length)) + steps;
    const room = cache === undefined ? 0 : native.capacity(model, cache);
    if (needed <= room) return;
    const longest = Math.max(...rows.map(({ prompt }) => prompt.length)) + maxNewTokens;
    cache = native.cache(model, settings.rows, Math.max(needed, Math.min(longest, 2 * room)), cache);
  };

  return {
    async next(rows, most) {
      const before = places;
      const kept = rows.flatMap((row) => before.get(row) ?? []);
      const taken = new Set(kept.map(({ slot }) => slot));
      const free = Array.from({ length: settings.rows }, (_, slot) => slot).filter((slot) => !taken.has(slot));
      places = new Map(rows.map((row) => [row, before.get(row) ?? { slot: free.shift()!, draws: [] }]));
      const steps = Math.min(most, stepsAtOnce);
      makeRoom(rows, steps);
      const groups = grouped(rows, (row) => before.has(row));
      const segments = groups.map((group): DecoderSegment => {
        const [{ prompt, response }] = group as [GenerationRow];
        const isNew = !before.has(group[0]!);
        return {
          tokens: isNew ? prompt : [response.at(-1)!],
          position: isNew ? 0 : prompt.length + response.length - 1,
          rows: group.map((row) => {
            const { slot, draws } = places.get(row)!;
            while (temperature > 0 && draws.length < steps) draws.push(row.random.uniform());
            return { slot, seen: row.seen, draws: draws.slice(0, steps) };
          }),
        };
      });
      const chosen = await native.decode(model, cache!, segments, { ...options, steps });
      const order = new Map(groups.flat().map((row, index) => [row, index]));
      for (const { draws } of places.values()) draws.splice(0, chosen.length);
      return rows.map((row) =>
        chosen.map((step) => {
          const token = step[order.get(row)!]!;
          if (token < 0) throw new ApolabError(notFiniteScores);
          return token;
        }),
      );
    },
    dispose() {
      cache?.keys.dispose();
      cache?.values.dispose();
    },
  };
}

/** New rows with equal prompts together, every other row alone. */
function grouped(rows: readonly GenerationRow[], isRunning: (row: GenerationRow) => boolean): GenerationRow[][] {
  const groups = new Map<unknown, GenerationRow[]>();
  for (const row of rows) {
    const name = isRunning(row) ? row : row.prompt.join(' ');
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** The tensors of a model in the order of the forward pass (forward.ts). */
function decoderModel(parameters: Parameters, config: ModelConfig): DecoderModel {
  const { heads, keyValueHeads, headSize, normEpsilon, adapterScale = 1, unrotatedLayers = [] } = config;
  const tensor = (name: string) => {
    const found = parameters[name];
    if (found === undefined) throw new Error(`The parameters have no '${name}'.`);
    return found;
  };
  const map = (module: string): DecoderMap => ({
    weight: tensor(`${module}.weight`),
    ...present({
      bias: parameters[`${module}.bias`],
      down: parameters[adapterName(module, 'A')],
      up: parameters[adapterName(module, 'B')],
    }),
  });
  const layer = (index: number): DecoderLayer => ({
    window: config.windows?.[index] ?? 0,
    rotates: !unrotatedLayers.includes(index),
    norms: {
      input: tensor(layerName(index, 'input_layernorm')),
      output: tensor(layerName(index, 'post_attention_layernorm')),
      ...present({
        query: config.queryKeyNorm === true ? tensor(layerName(index, 'self_attn.q_norm')) : undefined,
        key: config.queryKeyNorm === true ? tensor(layerName(index, 'self_attn.k_norm')) : undefined,
      }),
    },
    maps: {
      query: map(layerModule(index, 'self_attn.q_proj')),
      key: map(layerModule(index, 'self_attn.k_proj')),
      value: map(layerModule(index, 'self_attn.v_proj')),
      output: map(layerModule(index, 'self_attn.o_proj')),
      gate: map(layerModule(index, 'mlp.gate_proj')),
      up: map(layerModule(index, 'mlp.up_proj')),
      down: map(layerModule(index, 'mlp.down_proj')),
    },
  });
  return {
    ...{ heads, keyValueHeads, headSize, normEpsilon, adapterScale },
    frequencies: rotaryFrequencies(config.ropeTheta, config.ropeScaling, headSize),
    embedding: tensor(embeddingName),
    finalNorm: tensor(finalNormName),
    head: map(config.tiedEmbeddings ? embeddingModule : headModule),
    layers: Array.from({ length: config.layers }, (_, index) => layer(index)),
  };
}

/** The entries that are there. */
function present<Name extends string, Value>(entries: Record<Name, Value | undefined>): Partial<Record<Name, Value>> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Partial<
    Record<Name, Value>
  >;
}
