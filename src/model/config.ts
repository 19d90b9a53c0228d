/** The shape of a causal language model, read from Hugging Face's config.json. */
import { ApolabError } from '../core/errors.js';
import { architectures, type Architecture, type ArchitectureId, type Switch } from './architectures.js';
import { fieldsOf, parseJson, quoted, type JsonFields } from './json.js';
import { parseRope, type RopeScaling } from './rope.js';

/** The shape of a model. Fields that a plain Llama does not need are optional and off if they are not given. */
export interface ModelConfig {
  readonly architecture?: ArchitectureId;
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values; grouped-query attention if they are fewer than `heads`. */
  readonly keyValueHeads: number;
  /** Features per head; an even number. */
  readonly headSize: number;
  /** Most tokens in a sequence. */
  readonly maxPositions: number;
  /** Added to the mean square in each RMS norm. */
  readonly normEpsilon: number;
  /** Base of the rotary frequencies. */
  readonly ropeTheta: number;
  readonly ropeScaling?: RopeScaling;
  /** True if the language-model head is the transposed embedding. */
  readonly tiedEmbeddings: boolean;
  /** Which linear maps have a bias. */
  readonly biases?: { readonly queryKeyValue: boolean; readonly output: boolean; readonly mlp: boolean };
  /** True if queries and keys pass an RMS norm per head. */
  readonly queryKeyNorm?: boolean;
  /** Attention window of each layer in tokens, the token itself included; null if the layer sees all earlier tokens. */
  readonly windows?: readonly (number | null)[];
  /** Indices of the layers whose queries and keys are not rotated. */
  readonly unrotatedLayers?: readonly number[];
  /** Token ids that end a sequence, from config.json. */
  readonly endOfSequence?: readonly number[];
  /** Factor of a LoRA adapter's product, if the parameters contain an adapter. */
  readonly adapterScale?: number;
  /** The text of config.json, so that it can be written again unchanged. */
  readonly source?: string;
}

/** No model has more layers than this: a larger number is damage, and must not fill the memory. */
export const mostLayers = 10_000;

/**
 * Reads a config.json.
 *
 * @param json the file's text, or the value parsed from it
 * @param origin the file that error messages name
 * @throws ApolabError if a field is missing, has a wrong value, or needs something that is not supported; it names the field.
 *
 * @example
 * const config = parseConfig(await readFile('SmolLM2-135M/config.json', 'utf8'), 'SmolLM2-135M/config.json');
 */
export function parseConfig(json: unknown, origin: string): ModelConfig {
  const given = fieldsOf(typeof json === 'string' ? parseJson(json, origin) : json, origin);
  const { id, architecture } = architectureOf(given, origin);
  const { defaults } = architecture;
  const positive = (field: string, fallback?: number, most = 2 ** 31 - 1) =>
    wholeNumber(given[field] ?? fallback, `${origin}: ${field}`, most);
  checkSupported(given, origin);
  const heads = positive('num_attention_heads');
  const keyValueHeads =
    given.num_key_value_heads === null
      ? heads
      : positive('num_key_value_heads', 'keyValueHeads' in defaults ? defaults.keyValueHeads : heads);
  if (heads % keyValueHeads !== 0) {
    throw new ApolabError(
      `${origin}: num_attention_heads ${heads} is not a multiple of num_key_value_heads ${keyValueHeads}.`,
    );
  }
  const hiddenSize = positive('hidden_size');
  const defaultHeadSize = 'headSize' in defaults && given.head_dim === undefined ? defaults.headSize : undefined;
  const headSize = positive('head_dim', defaultHeadSize ?? Math.floor(hiddenSize / heads));
  if (headSize % 2 !== 0) {
    throw new ApolabError(
      `${origin}: a head has ${headSize} features; rotation needs pairs of them, so their number must be even.`,
    );
  }
  const layers = positive('num_hidden_layers', undefined, mostLayers);
  const maxPositions = positive('max_position_embeddings', defaults.maxPositions);
  const { theta, scaling } = parseRope(given, defaults.ropeTheta, maxPositions, origin);
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
    normEpsilon: normEpsilon(given, origin),
    ropeTheta: theta,
    ...(scaling === undefined ? {} : { ropeScaling: scaling }),
    tiedEmbeddings: truth(given, 'tie_word_embeddings', defaults.tiedEmbeddings, origin),
    ...differences(architecture, given, layers, origin),
    ...endOfSequence(given, origin),
    ...(typeof json === 'string' ? { source: json } : {}),
  };
}

function architectureOf(given: JsonFields, origin: string): { id: ArchitectureId; architecture: Architecture } {
  const id = given.model_type;
  if (typeof id === 'string' && Object.hasOwn(architectures, id)) {
    return { id: id as ArchitectureId, architecture: architectures[id as ArchitectureId] };
  }
  throw new ApolabError(
    `${origin}: model_type is ${quoted(id)}; supported are ${Object.keys(architectures).join(', ')} ` +
      '(SmolLM and SmolLM2 are llama). Use a model of one of these.',
  );
}

/** Refuses settings that change every computed number and are not supported. */
function checkSupported(given: JsonFields, origin: string): void {
  const activation = given.hidden_act ?? 'silu';
  if (activation !== 'silu' && activation !== 'swish') {
    throw new ApolabError(`${origin}: hidden_act is ${quoted(activation)}; only 'silu' is supported.`);
  }
  if ((given.quantization_config ?? null) !== null) {
    throw new ApolabError(
      `${origin}: the weights are quantized (quantization_config); readable are F32, F16 and BF16. Use the model's ` +
        'original checkpoint, or save it dequantized.',
    );
  }
}

/** The optional fields of `ModelConfig` that say how the model differs from a plain Llama. */
function differences(architecture: Architecture, given: JsonFields, layers: number, origin: string) {
  for (const field of ['layer_types', 'no_rope_layers']) {
    const list = given[field] ?? null;
    if (list !== null && !(Array.isArray(list) && list.length >= layers)) {
      throw new ApolabError(`${origin}: ${field} is ${quoted(list)}, expected a list of ${layers}, one per layer.`);
    }
  }
  const isOn = (value: Switch) => (typeof value === 'boolean' ? value : truth(given, value, false, origin));
  const biases = {
    queryKeyValue: isOn(architecture.biases.queryKeyValue),
    output: isOn(architecture.biases.output),
    mlp: isOn(architecture.biases.mlp),
  };
  const indices = Array.from({ length: layers }, (_, layer) => layer);
  const windows = indices.map((layer) => {
    const window = architecture.window(given, layer);
    if (window === null) return null;
    return wholeNumber(window === 'no number' ? given.sliding_window : window, `${origin}: sliding_window`);
  });
  const unrotatedLayers = indices.filter((layer) => !architecture.rotates(given, layer));
  return {
    ...(Object.values(biases).includes(true) ? { biases } : {}),
    ...(architecture.queryKeyNorm ? { queryKeyNorm: true } : {}),
    ...(windows.some((window) => window !== null) ? { windows } : {}),
    ...(unrotatedLayers.length > 0 ? { unrotatedLayers } : {}),
  };
}

function endOfSequence(given: JsonFields, origin: string): { readonly endOfSequence?: readonly number[] } {
  const ids = tokenIds(given.eos_token_id, `${origin}: eos_token_id`);
  return ids.length === 0 ? {} : { endOfSequence: ids };
}

/**
 * The token ids in a field such as `eos_token_id`: one id, a list of ids, or none (null or missing).
 *
 * @param origin the file and field that error messages name
 * @throws ApolabError if a value is not an integer of 0 or more.
 */
export function tokenIds(value: unknown, origin: string): number[] {
  const list: unknown[] = Array.isArray(value) ? value : (value ?? null) === null ? [] : [value];
  return list.map((id) => {
    if (Number.isInteger(id) && (id as number) >= 0) return id as number;
    throw new ApolabError(`${origin} is ${quoted(value)}, expected a token id or a list of them.`);
  });
}

function wholeNumber(value: unknown, field: string, most = 2 ** 31 - 1): number {
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) <= most) return value as number;
  throw new ApolabError(`${field} is ${quoted(value)}, expected a positive whole number (at most ${most}).`);
}

function truth(given: JsonFields, field: string, fallback: boolean, origin: string): boolean {
  const value = given[field] ?? fallback;
  if (typeof value === 'boolean') return value;
  throw new ApolabError(`${origin}: ${field} is ${quoted(value)}, expected true or false.`);
}

function normEpsilon(given: JsonFields, origin: string): number {
  const value = given.rms_norm_eps ?? 1e-6;
  if (typeof value === 'number' && value > 0 && value < 1) return value;
  throw new ApolabError(`${origin}: rms_norm_eps is ${quoted(value)}, expected a number between 0 and 1.`);
}
