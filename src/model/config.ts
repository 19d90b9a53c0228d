/** The shape of a causal language model, as Hugging Face's config.json says it. */
import { ApolabError } from '../core/errors.js';
import { architectures, type Architecture, type ArchitectureId, type Switch } from './architectures.js';
import { fieldsOf, parseJson, quoted, type JsonFields } from './json.js';
import { parseRope, type RopeScaling } from './rope.js';

/** Fields that a plain Llama does not need are optional; absent, they are off. */
export interface ModelConfig {
  readonly architecture?: ArchitectureId;
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values; fewer than `heads` means grouped-query attention. */
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly maxPositions: number;
  readonly normEpsilon: number;
  readonly ropeTheta: number;
  readonly ropeScaling?: RopeScaling;
  /** The language-model head is the transposed embedding. */
  readonly tiedEmbeddings: boolean;
  /** Which linear maps have a bias. */
  readonly biases?: { readonly queryKeyValue: boolean; readonly output: boolean; readonly mlp: boolean };
  readonly queryKeyNorm?: boolean;
  /** For each layer how many tokens back, itself included, a token sees; null is all. */
  readonly windows?: readonly (number | null)[];
  /** Layers whose queries and keys are not rotated. */
  readonly unrotatedLayers?: readonly number[];
  /** Ids that end a sequence, as config.json names them. */
  readonly endOfSequence?: readonly number[];
  /** What a LoRA adapter's product is multiplied with, where the parameters hold one. */
  readonly adapterScale?: number;
  /** config.json as it was read, for writing it again word for word. */
  readonly source?: string;
}

/** Ids that a fresh config.json names; a tokenizer has them. */
export interface SpecialIds {
  readonly beginningOfSequence?: number;
  readonly endOfSequence?: number;
  readonly padding?: number;
}

/** More layers than any model of these architectures has: a damaged number, which must not fill the memory. */
const mostLayers = 10_000;

/**
 * Reads a config.json.
 *
 * @param json its text, or what was parsed from it
 * @throws ApolabError that names the field, where one is missing or asks for what this forward pass does not compute.
 *
 * @example
 * const config = parseConfig(await readFile('SmolLM2-135M/config.json', 'utf8'), 'SmolLM2-135M/config.json');
 */
export function parseConfig(json: unknown, where: string): ModelConfig {
  const given = fieldsOf(typeof json === 'string' ? parseJson(json, where) : json, where);
  const { id, architecture } = architectureOf(given, where);
  const { defaults } = architecture;
  const positive = (field: string, fallback?: number, most = 2 ** 31 - 1) =>
    wholeNumber(given[field] ?? fallback, `${where}: ${field}`, most);
  refuse(given, where);
  const heads = positive('num_attention_heads');
  const keyValueHeads =
    given.num_key_value_heads === null
      ? heads
      : positive('num_key_value_heads', 'keyValueHeads' in defaults ? defaults.keyValueHeads : heads);
  if (heads % keyValueHeads !== 0) {
    throw new ApolabError(
      `${where}: num_attention_heads ${heads} is no multiple of num_key_value_heads ${keyValueHeads}.`,
    );
  }
  const hiddenSize = positive('hidden_size');
  const defaultHeadSize = 'headSize' in defaults && given.head_dim === undefined ? defaults.headSize : undefined;
  const headSize = positive('head_dim', defaultHeadSize ?? Math.floor(hiddenSize / heads));
  if (headSize % 2 !== 0) {
    throw new ApolabError(
      `${where}: a head has ${headSize} features; rotation pairs them, so it needs an even number.`,
    );
  }
  const layers = positive('num_hidden_layers', undefined, mostLayers);
  const maxPositions = positive('max_position_embeddings', defaults.maxPositions);
  const { theta, scaling } = parseRope(given, defaults.ropeTheta, maxPositions, where);
  return {
    architecture: id,
    vocabularySize: positive('vocab_size'),
    hiddenSize,
    intermediateSize: positive('intermediate_size'),
    layers,
    heads,
    keyValueHeads,
    headSize,
    maxPositions,
    normEpsilon: normEpsilon(given, where),
    ropeTheta: theta,
    ...(scaling === undefined ? {} : { ropeScaling: scaling }),
    tiedEmbeddings: truth(given, 'tie_word_embeddings', defaults.tiedEmbeddings, where),
    ...differences(architecture, given, layers, where),
    ...endOfSequence(given, where),
    ...(typeof json === 'string' ? { source: json } : {}),
  };
}

/**
 * The text of the config.json that transformers reads back as the same model: what was read, word for word, but for the
 * type of the weights, which are written as float32; for a model made here, a fresh one with the tokenizer's ids.
 */
export function formatConfig(config: ModelConfig, special: SpecialIds = {}): string {
  if (config.source !== undefined) {
    return config.source.replace(/("(?:torch_)?dtype"\s*:\s*)"[^"]*"/g, '$1"float32"');
  }
  const id = config.architecture ?? 'llama';
  const { windows = [], unrotatedLayers = [], biases, ropeScaling } = config;
  const window = windows.find((size) => size !== null) ?? null;
  const fields = {
    architectures: [architectures[id].className],
    model_type: id,
    vocab_size: config.vocabularySize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headSize,
    max_position_embeddings: config.maxPositions,
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeTheta,
    ...(ropeScaling === undefined ? {} : { rope_scaling: ropeScalingFields(ropeScaling) }),
    tie_word_embeddings: config.tiedEmbeddings,
    attention_bias: biases?.output ?? false,
    mlp_bias: biases?.mlp ?? false,
    hidden_act: 'silu',
    ...(id === 'llama' ? {} : { sliding_window: window }),
    ...(id === 'llama' || id === 'mistral'
      ? {}
      : {
          use_sliding_window: window !== null,
          layer_types: Array.from({ length: config.layers }, (_, layer) =>
            (windows[layer] ?? null) === null ? 'full_attention' : 'sliding_attention',
          ),
        }),
    ...(id === 'smollm3'
      ? {
          no_rope_layers: Array.from({ length: config.layers }, (_, layer) =>
            unrotatedLayers.includes(layer) ? 0 : 1,
          ),
        }
      : {}),
    // Never left out: transformers' defaults are ids of the models it was written for.
    bos_token_id: special.beginningOfSequence ?? null,
    eos_token_id: config.endOfSequence ?? special.endOfSequence ?? null,
    pad_token_id: special.padding ?? null,
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

function ropeScalingFields(scaling: RopeScaling): JsonFields {
  if (scaling.type === 'linear') return { rope_type: 'linear', factor: scaling.factor };
  return {
    rope_type: 'llama3',
    factor: scaling.factor,
    low_freq_factor: scaling.lowFrequencyFactor,
    high_freq_factor: scaling.highFrequencyFactor,
    original_max_position_embeddings: scaling.originalMaxPositions,
  };
}

function architectureOf(given: JsonFields, where: string): { id: ArchitectureId; architecture: Architecture } {
  const id = given.model_type;
  if (typeof id === 'string' && Object.hasOwn(architectures, id)) {
    return { id: id as ArchitectureId, architecture: architectures[id as ArchitectureId] };
  }
  throw new ApolabError(
    `${where}: model_type is ${quoted(id)}; computed here are ${Object.keys(architectures).join(', ')} ` +
      '(SmolLM and SmolLM2 are llama). Take a model of one of these.',
  );
}

/** What would change every number that the model computes, and is not computed here. */
function refuse(given: JsonFields, where: string): void {
  const activation = given.hidden_act ?? 'silu';
  if (activation !== 'silu' && activation !== 'swish') {
    throw new ApolabError(`${where}: hidden_act is ${quoted(activation)}; this version computes 'silu' only.`);
  }
  if ((given.quantization_config ?? null) !== null) {
    throw new ApolabError(
      `${where}: the weights are quantized (quantization_config); readable are F32, F16 and BF16. Take the model's ` +
        'original checkpoint, or save it dequantized.',
    );
  }
}

function differences(architecture: Architecture, given: JsonFields, layers: number, where: string) {
  for (const field of ['layer_types', 'no_rope_layers']) {
    const list = given[field] ?? null;
    if (list !== null && !(Array.isArray(list) && list.length >= layers)) {
      throw new ApolabError(`${where}: ${field} is ${quoted(list)}, expected a list of ${layers}, one a layer.`);
    }
  }
  const isOn = (value: Switch) => (typeof value === 'boolean' ? value : truth(given, value, false, where));
  const biases = {
    queryKeyValue: isOn(architecture.biases.queryKeyValue),
    output: isOn(architecture.biases.output),
    mlp: isOn(architecture.biases.mlp),
  };
  const indices = Array.from({ length: layers }, (_, layer) => layer);
  const windows = indices.map((layer) => {
    const window = architecture.window(given, layer);
    if (window === null) return null;
    return wholeNumber(window === 'no number' ? given.sliding_window : window, `${where}: sliding_window`);
  });
  const unrotatedLayers = indices.filter((layer) => !architecture.rotates(given, layer));
  return {
    ...(Object.values(biases).includes(true) ? { biases } : {}),
    ...(architecture.queryKeyNorm ? { queryKeyNorm: true } : {}),
    ...(windows.some((window) => window !== null) ? { windows } : {}),
    ...(unrotatedLayers.length > 0 ? { unrotatedLayers } : {}),
  };
}

function endOfSequence(given: JsonFields, where: string): { readonly endOfSequence?: readonly number[] } {
  const ids = tokenIds(given.eos_token_id, `${where}: eos_token_id`);
  return ids.length === 0 ? {} : { endOfSequence: ids };
}

/** One token id, a list of them, or none (null or left out), as `eos_token_id` is written. */
export function tokenIds(value: unknown, where: string): number[] {
  const list: unknown[] = Array.isArray(value) ? value : (value ?? null) === null ? [] : [value];
  return list.map((id) => {
    if (Number.isInteger(id) && (id as number) >= 0) return id as number;
    throw new ApolabError(`${where} is ${quoted(value)}, expected a token's id or a list of them.`);
  });
}

function wholeNumber(value: unknown, field: string, most = 2 ** 31 - 1): number {
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) <= most) return value as number;
  throw new ApolabError(`${field} is ${quoted(value)}, expected a positive whole number (at most ${most}).`);
}

function truth(given: JsonFields, field: string, fallback: boolean, where: string): boolean {
  const value = given[field] ?? fallback;
  if (typeof value === 'boolean') return value;
  throw new ApolabError(`${where}: ${field} is ${quoted(value)}, expected true or false.`);
}

function normEpsilon(given: JsonFields, where: string): number {
  const value = given.rms_norm_eps ?? 1e-6;
  if (typeof value === 'number' && value > 0 && value < 1) return value;
  throw new ApolabError(`${where}: rms_norm_eps is ${quoted(value)}, expected a number between 0 and 1.`);
}
