/**
 * The architectures that the one forward pass computes: a plain Llama, and what each of the others does differently.
 *
 * A row holds the fields of config.json that the architecture knows, with transformers' defaults for those left out.
 */
import type { JsonFields } from './json.js';

/** A property of an architecture: fixed, or said by a field of config.json. */
export type Switch = boolean | 'attention_bias' | 'mlp_bias';

export interface Architecture {
  /** The class of transformers that config.json names. */
  readonly className: string;
  readonly biases: {
    readonly queryKeyValue: Switch;
    readonly output: Switch;
    /** All three of gate, up and down. */
    readonly mlp: Switch;
  };
  /** Queries and keys pass an RMS norm over each head before they are rotated. */
  readonly queryKeyNorm: boolean;
  /**
   * How many tokens back, itself included, a layer's tokens see; null is all. `no number` stands for a layer that is to
   * slide although the file gives no window, which transformers refuses as well.
   */
  readonly window: (config: JsonFields, layer: number) => number | null | 'no number';
  /** Whether a layer's queries and keys are rotated. */
  readonly rotates: (config: JsonFields, layer: number) => boolean;
  readonly defaults: {
    /** Where the field is left out; where it is null, every head has its own. */
    readonly keyValueHeads?: number;
    /** Otherwise hidden size over heads. */
    readonly headSize?: number;
    readonly maxPositions: number;
    readonly ropeTheta: number;
    readonly tiedEmbeddings: boolean;
  };
}

const everyLayerRotates = () => true;
const noWindow = () => null;

/** Qwen's windows: where `use_sliding_window` says so, in the layers that layer_types names or from max_window_layers on. */
function qwenWindow(config: JsonFields, layer: number): number | null | 'no number' {
  const window = config.use_sliding_window === true ? (config.sliding_window ?? 4096) : null;
  const types = config.layer_types;
  const slides = Array.isArray(types)
    ? types[layer] === 'sliding_attention'
    : window !== null && layer >= Number(config.max_window_layers ?? 28);
  if (!slides) return null;
  return typeof window === 'number' ? window : 'no number';
}

/** SmolLM3 leaves every fourth layer unrotated, unless no_rope_layers (1: rotated) or the interval says otherwise. */
function smolRotates(config: JsonFields, layer: number): boolean {
  const given = config.no_rope_layers;
  if (Array.isArray(given)) return given[layer] === 1 || given[layer] === true;
  return (layer + 1) % Number(config.no_rope_layer_interval ?? 4) !== 0;
}

function smolWindow(config: JsonFields, layer: number): number | null | 'no number' {
  const window = config.sliding_window ?? null;
  const types = config.layer_types;
  const slides = Array.isArray(types)
    ? types[layer] === 'sliding_attention'
    : config.use_sliding_window === true && window !== null && !smolRotates(config, layer);
  if (!slides) return null;
  return typeof window === 'number' ? window : 'no number';
}

/** Keyed by config.json's model_type. SmolLM and SmolLM2 are Llamas; TinyLlama, Vicuna and Yi too. */
export const architectures = {
  llama: {
    className: 'LlamaForCausalLM',
    biases: { queryKeyValue: 'attention_bias', output: 'attention_bias', mlp: 'mlp_bias' },
    queryKeyNorm: false,
    window: noWindow,
    rotates: everyLayerRotates,
    defaults: { maxPositions: 2048, ropeTheta: 10_000, tiedEmbeddings: false },
  },
  mistral: {
    className: 'MistralForCausalLM',
    biases: { queryKeyValue: false, output: false, mlp: false },
    queryKeyNorm: false,
    window: ({ sliding_window: window = 4096 }) =>
      window === null ? null : typeof window === 'number' ? window : 'no number',
    rotates: everyLayerRotates,
    defaults: { keyValueHeads: 8, maxPositions: 131_072, ropeTheta: 10_000, tiedEmbeddings: false },
  },
  qwen2: {
    className: 'Qwen2ForCausalLM',
    biases: { queryKeyValue: true, output: false, mlp: false },
    queryKeyNorm: false,
    window: qwenWindow,
    rotates: everyLayerRotates,
    defaults: { keyValueHeads: 32, maxPositions: 32_768, ropeTheta: 10_000, tiedEmbeddings: false },
  },
  qwen3: {
    className: 'Qwen3ForCausalLM',
    biases: { queryKeyValue: 'attention_bias', output: 'attention_bias', mlp: false },
    queryKeyNorm: true,
    window: qwenWindow,
    rotates: everyLayerRotates,
    defaults: { keyValueHeads: 32, headSize: 128, maxPositions: 32_768, ropeTheta: 10_000, tiedEmbeddings: false },
  },
  smollm3: {
    className: 'SmolLM3ForCausalLM',
    biases: { queryKeyValue: 'attention_bias', output: 'attention_bias', mlp: 'mlp_bias' },
    queryKeyNorm: false,
    window: smolWindow,
    rotates: smolRotates,
    defaults: { keyValueHeads: 4, maxPositions: 32_768, ropeTheta: 2_000_000, tiedEmbeddings: true },
  },
} as const satisfies Record<string, Architecture>;

export type ArchitectureId = keyof typeof architectures;
