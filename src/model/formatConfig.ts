/** A model's shape written as a config.json that transformers reads. */
import { architectures, type Architecture } from './architectures.js';
import type { ModelConfig } from './config.js';
import type { JsonFields } from './json.js';
import type { RopeScaling } from './rope.js';

/** Token ids that a fresh config.json contains; a `Tokenizer` has them. */
export interface SpecialIds {
  readonly beginningOfSequence?: number;
  readonly endOfSequence?: number;
  readonly padding?: number;
}

/**
 * The text of a config.json that transformers reads as the same model.
 *
 * A model that was read keeps its file's text, except for the data type, since weights are written as float32. A model that was
 * made here gets a fresh file with the tokenizer's ids.
 *
 * @example
 * formatConfig(policy.config, policy.tokenizer); // '{\n  "architectures": [\n    "LlamaForCausalLM"\n  ],...'
 */
export function formatConfig(config: ModelConfig, special: SpecialIds = {}): string {
  if (config.source !== undefined) {
    return config.source.replace(/("(?:torch_)?dtype"\s*:\s*)"[^"]*"/g, '$1"float32"');
  }
  const id = config.architecture ?? 'llama';
  const { biases, ropeScaling } = config;
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
    ...layerFields(architectures[id].writes, config),
    // Always written: transformers' defaults are the ids of other models.
    bos_token_id: special.beginningOfSequence ?? null,
    eos_token_id: config.endOfSequence ?? special.endOfSequence ?? null,
    pad_token_id: special.padding ?? null,
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

/** The fields about single layers that this architecture has: windows and unrotated layers. */
function layerFields(
  writes: Architecture['writes'],
  { layers, windows = [], unrotatedLayers = [] }: ModelConfig,
): JsonFields {
  const window = windows.find((size) => size !== null) ?? null;
  const indices = Array.from({ length: layers }, (_, layer) => layer);
  const isSliding = (layer: number) => (windows[layer] ?? null) !== null;
  return {
    ...(writes.slidingWindow ? { sliding_window: window } : {}),
    ...(writes.layerTypes
      ? {
          use_sliding_window: window !== null,
          layer_types: indices.map((layer) => (isSliding(layer) ? 'sliding_attention' : 'full_attention')),
        }
      : {}),
    ...(writes.unrotatedLayers
      ? { no_rope_layers: indices.map((layer) => (unrotatedLayers.includes(layer) ? 0 : 1)) }
      : {}),
  };
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
