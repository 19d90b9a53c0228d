/** The metadata of a GGUF file as the config.json that transformers would have for the same model. */
import { ApolabError } from '../../core/errors.js';
import { architectures, type ArchitectureId } from '../architectures.js';
import { mostLayers, parseConfig, type ModelConfig } from '../config.js';
import { formatConfig } from '../formatConfig.js';
import { quoted } from '../json.js';
import { rotaryFrequencies, type RopeScaling } from '../rope.js';
import type { GgufFile } from './container.js';

/** What an architecture of GGUF is here. */
export interface GgufArchitecture {
  readonly id: ArchitectureId;
  /** Whether the rows of query and key are stored in llama.cpp's order: features i and i + headSize / 2 side by side. */
  readonly interleaved: boolean;
}

/** The architectures of GGUF by `general.architecture`. Mistral's models are `llama` in most files. */
export const ggufArchitectures = {
  llama: { id: 'llama', interleaved: true },
  mistral: { id: 'mistral', interleaved: true },
  qwen2: { id: 'qwen2', interleaved: false },
  qwen3: { id: 'qwen3', interleaved: false },
  smollm3: { id: 'smollm3', interleaved: true },
} as const satisfies Readonly<Record<string, GgufArchitecture>>;

/** The row of a file's architecture; throws an ApolabError if it has none. */
export function architectureOf({ file, metadata }: GgufFile): GgufArchitecture {
  const name = metadata.text('general.architecture');
  if (Object.hasOwn(ggufArchitectures, name)) return ggufArchitectures[name as keyof typeof ggufArchitectures];
  throw new ApolabError(
    `${file}: general.architecture is ${quoted(name)}; supported are ${Object.keys(ggufArchitectures).join(', ')} ` +
      '(SmolLM and SmolLM2 are llama). Use a model of one of these.',
  );
}

/** Rotary factors of Llama 3.1 to 3.3; a file has only the factor of each frequency. */
const llama3 = { lowFrequencyFactor: 1, highFrequencyFactor: 4, originalMaxPositions: 8192 } as const;
const ropeFactors = 'rope_freqs.weight';

/**
 * The configuration of the model in a GGUF file, with the text of its config.json.
 *
 * @throws ApolabError if a value is missing or wrong, or needs something that is not supported; it names the key.
 */
export async function ggufConfig(gguf: GgufFile): Promise<ModelConfig> {
  const { file, metadata, tensors } = gguf;
  const { id } = architectureOf(gguf);
  const prefix = metadata.text('general.architecture');
  const key = (name: string) => `${prefix}.${name}`;
  const embedding = tensors.get('token_embd.weight');
  if (embedding === undefined)
    throw new ApolabError(`${file} has no tensor 'token_embd.weight', so it holds no language model.`);
  const heads = metadata.count(key('attention.head_count'));
  const hiddenSize = metadata.count(key('embedding_length'));
  const headSize = headSizeOf(gguf, key, Math.floor(hiddenSize / heads));
  const layers = metadata.count(key('block_count'));
  if (layers > mostLayers)
    throw new ApolabError(`${file}: ${key('block_count')} is ${layers}, expected at most ${mostLayers}.`);
  const ropeTheta = metadata.number(key('rope.freq_base'), 10_000);
  const ropeScaling = await ropeScalingOf(gguf, key, ropeTheta, headSize);
  const endOfSequence = endsOf(gguf);
  const window = metadata.count(key('attention.sliding_window'), 0);
  const isLayer = architectures[id].rotates;
  const unrotatedLayers = Array.from({ length: layers }, (_, layer) => layer).filter((layer) => !isLayer({}, layer));
  const config: ModelConfig = {
    // A Llama with windows is a Mistral.
    architecture: id === 'llama' && window > 0 ? 'mistral' : id,
    vocabularySize: embedding.shape[0]!,
    hiddenSize,
    intermediateSize: metadata.count(key('feed_forward_length')),
    layers,
    heads,
    keyValueHeads: metadata.count(key('attention.head_count_kv'), heads),
    headSize,
    maxPositions: metadata.count(key('context_length')),
    normEpsilon: shortest(metadata.number(key('attention.layer_norm_rms_epsilon'))),
    ropeTheta,
    ...(ropeScaling === undefined ? {} : { ropeScaling }),
    tiedEmbeddings: !tensors.has('output.weight'),
    biases: {
      queryKeyValue: tensors.has('blk.0.attn_q.bias'),
      output: tensors.has('blk.0.attn_output.bias'),
      mlp: tensors.has('blk.0.ffn_up.bias'),
    },
    ...(window > 0 ? { windows: Array.from({ length: layers }, () => window) } : {}),
    ...(unrotatedLayers.length > 0 ? { unrotatedLayers } : {}),
    ...(endOfSequence.length > 1 ? { endOfSequence } : {}),
  };
  const special = {
    ...idOf(gguf, 'beginningOfSequence', 'bos'),
    ...idOf(gguf, 'endOfSequence', 'eos'),
    ...idOf(gguf, 'padding', 'padding'),
  };
  // The text is parsed again, so that all that is checked of a config.json is checked here too.
  return parseConfig(formatConfig(config, special), file);
}

/** Features per head. Files of Llamas have the rotated features only, which are all. */
function headSizeOf({ file, metadata }: GgufFile, key: (name: string) => string, fallback: number): number {
  const [rotated, values] = ['rope.dimension_count', 'attention.value_length'].map(key);
  const headSize = metadata.count(key('attention.key_length'), metadata.count(rotated!, fallback));
  for (const name of [rotated!, values!]) {
    const size = metadata.count(name, headSize);
    if (size === headSize) continue;
    throw new ApolabError(
      `${file}: ${name} is ${size}, but a head has ${headSize} features; only equal sizes are supported.`,
    );
  }
  return headSize;
}

function idOf({ metadata }: GgufFile, field: string, token: string): Readonly<Record<string, number>> {
  const key = `tokenizer.ggml.${token}_token_id`;
  return metadata.has(key) ? { [field]: metadata.count(key) } : {};
}

/** The tokens that end a response: the end of the sequence and, if it is another one, the end of a turn. */
function endsOf(gguf: GgufFile): number[] {
  const ends = ['eos', 'eot'].flatMap((token) => Object.values(idOf(gguf, 'id', token)));
  return [...new Set(ends)];
}

async function ropeScalingOf(
  gguf: GgufFile,
  key: (name: string) => string,
  theta: number,
  headSize: number,
): Promise<RopeScaling | undefined> {
  const { file, metadata, tensors } = gguf;
  if (tensors.has(ropeFactors)) return llama3Scaling(file, await gguf.read(ropeFactors), theta, headSize);
  const type = metadata.text(key('rope.scaling.type'), 'none');
  if (type === 'none') return undefined;
  if (type !== 'linear') {
    throw new ApolabError(`${file}: ${key('rope.scaling.type')} is ${quoted(type)}; supported are none and linear.`);
  }
  return { type, factor: metadata.number(key('rope.scaling.factor')) };
}

/** Llama 3's scaling from the factor by which each frequency is divided. */
function llama3Scaling(file: string, factors: Float32Array, theta: number, headSize: number): RopeScaling {
  const scaling = { type: 'llama3', factor: Math.max(...factors), ...llama3 } as const;
  const plain = rotaryFrequencies(theta, undefined, headSize);
  const scaled = rotaryFrequencies(theta, scaling, headSize);
  const isClose = (value: number, index: number) => Math.abs(value / (plain[index]! / scaled[index]!) - 1) < 1e-4;
  if (factors.length === plain.length && factors.every(isClose)) return scaling;
  throw new ApolabError(
    `${file}: ${ropeFactors} is not the scaling of Llama 3.1 to 3.3, the only one of this kind that is supported.`,
  );
}

/** The shortest decimal number that is the same float32: the number of the original config.json. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === Math.fround(value)) return candidate;
  }
  return value;
}
