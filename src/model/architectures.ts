/**
 * The architectures that the forward pass computes. A row says how an architecture differs from a plain Llama: the fields of
 * config.json that it reads, and transformers' defaults for missing fields. A new architecture is a new row.
 */
import type { JsonFields } from './json.js';

/** A yes-or-no property of an architecture: fixed, or the name of the config.json field that holds it. */
export type Switch = boolean | 'attention_bias' | 'mlp_bias';

/** What distinguishes an architecture from a plain Llama. */
export interface Architecture {
  /** Name of the class in transformers, as in the `architectures` field of config.json. */
  readonly className: string;
  /** Which linear maps have a bias. */
  readonly biases: {
    readonly queryKeyValue: Switch;
    readonly output: Switch;
    /** Applies to gate, up and down. */
    readonly mlp: Switch;
  };
  /** True if queries and keys pass an RMS norm per head before the rotation. */
  readonly queryKeyNorm: boolean;
  /**
   * Attention window of a layer in tokens, the token itself included; null if the layer sees all earlier tokens. `no number`
   * if the layer is a sliding one but the file gives no window, which transformers refuses too.
   */
  readonly window: (config: JsonFields, layer: number) => number | null | 'no number';
  /** True if the layer's queries and keys are rotated by their positions. */
  readonly rotates: (config: JsonFields, layer: number) => boolean;
  /** Which fields, beyond those of every architecture, a fresh config.json has. */
  readonly writes: { readonly slidingWindow: boolean; readonly layerTypes: boolean; readonly unrotatedLayers: boolean };
  /** Values for fields that config.json does not have. */
  readonly defaults: {
    /** Not given: as many as `num_attention_heads`. A null in config.json always means that. */
    readonly keyValueHeads?: number;
    /** Not given: `hidden_size / num_attention_heads`. */
    readonly headSize?: number;
    readonly maxPositions: number;
    readonly ropeTheta: number;
    readonly tiedEmbeddings: boolean;
  };
}

const everyLayerRotates = () => true;
const noWindow = () => null;

/** Qwen's windows: only with `use_sliding_window`, in the layers that layer_types names or from max_window_layers on. */
function qwenWindow(config: JsonFields, layer: number): number | null | 'no number' {
  const window = config.use_sliding_window === true ? (config.sliding_window ?? 4096) : null;
  const types = config.layer_types;
  const slides = Array.isArray(types)
    ? types[layer] === 'sliding_attention'
    : window !== null && layer >= Number(config.max_window_layers ?? 28);
  if (!slides) return null;
  return typeof window === 'number' ? window : 'no number';
}

/** SmolLM3 does not rotate every fourth layer, unless no_rope_layers (1: rotated) or no_rope_layer_interval is given. */
function smolRotates(config: JsonFields, layer: number): boolean {
  const given = config.no_rope_layers;
  if (Array.isArray(given)) return given[layer] === 1 || given[layer] === true;
  return (layer + 1) % Number(config.no_rope_layer_interval ?? 4) !== 0;
}

/** SmolLM3's windows: the layers that layer_types names, otherwise the unrotated ones if `use_sliding_window` is true. */
function smolWindow(config: JsonFields, layer: number): number | null | 'no number' {
  const window = config.sliding_window ?? null;
  const types = config.layer_types;
  const slides = Array.isArray(types)
    ? types[layer] === 'sliding_attention'
    : config.use_sliding_window === true && window !== null && !smolRotates(config, layer);
  if (!slides) return null;
  return typeof window === 'number' ? window : 'no number';
}

/** The table of architectures, by config.json's model_type. SmolLM, SmolLM2, TinyLlama, Vicuna and Yi are `llama`. */
export const architectures = {
  llama: {
    className: 'LlamaForCausalLM',
    biases: { queryKeyValue: 'attention_bias', output: 'attention_bias', mlp: 'mlp_bias' },
    queryKeyNorm: false,
    window: noWindow,
    rotates: everyLayerRotates,
    writes: { slidingWindow: false, layerTypes: false, unrotatedLayers: false },
    defaults: { maxPositions: 2048, ropeTheta: 10_000, tiedEmbeddings: false },
  },
  mistral: {
    className: 'MistralForCausalLM',
    biases: { queryKeyValue: false, output: false, mlp: false },
    queryKeyNorm: false,
    window: ({ sliding_window: window = 4096 }) =>
      window === null ? null : typeof window === 'number' ? window : 'no number',
    rotates: everyLayerRotates,
    writes: { slidingWindow: true, layerTypes: false, unrotatedLayers: false },
    defaults: { keyValueHeads: 8, maxPositions: 131_072, ropeTheta: 10_000, tiedEmbeddings: false },
  },
  qwen2: {
    className: 'Qwen2ForCausalLM',
    biases: { queryKeyValue: true, output: false, mlp: false },
    queryKeyNorm: false,
    window: qwenWindow,
    rotates: everyLayerRotates,
    writes: { slidingWindow: true, layerTypes: true, unrotatedLayers: false },
    defaults: { keyValueHeads: 32, maxPositions: 32_768, ropeTheta: 10_000, tiedEmbeddings: false },
  },
  qwen3: {
    className: 'Qwen3ForCausalLM',
    biases: { queryKeyValue: 'attention_bias', output: 'attention_bias', mlp: false },
    queryKeyNorm: true,
    window: qwenWindow,
    rotates: everyLayerRotates,
    writes: { slidingWindow: true, layerTypes: true, unrotatedLayers: false },
    defaults: { keyValueHeads: 32, headSize: 128, maxPositions: 32_768, ropeTheta: 10_000, tiedEmbeddings: false },
  },
  smollm3: {
    className: 'SmolLM3ForCausalLM',
    biases: { queryKeyValue: 'attention_bias', output: 'attention_bias', mlp: 'mlp_bias' },
    queryKeyNorm: false,
    window: smolWindow,
    rotates: smolRotates,
    writes: { slidingWindow: true, layerTypes: true, unrotatedLayers: true },
    defaults: { keyValueHeads: 4, maxPositions: 32_768, ropeTheta: 2_000_000, tiedEmbeddings: true },
  },
} as const satisfies Record<string, Architecture>;

/** A key of `architectures`: the model_type of config.json. */
export type ArchitectureId = keyof typeof architectures;
