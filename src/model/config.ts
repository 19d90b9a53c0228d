/** The shape of a Llama-architecture model, as Hugging Face's config.json says it. */
import { ApolabError } from '../errors.js';

export interface ModelConfig {
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
  /** The language-model head is the transposed embedding. */
  readonly tiedEmbeddings: boolean;
}

/** What config.json holds, under its own names. */
export interface LlamaConfigJson {
  readonly model_type: string;
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads?: number;
  readonly head_dim?: number | null;
  readonly max_position_embeddings?: number;
  readonly rms_norm_eps?: number;
  readonly rope_theta?: number;
  readonly rope_parameters?: { readonly rope_theta?: number; readonly rope_type?: string } | null;
  readonly rope_scaling?: { readonly rope_type?: string; readonly type?: string } | null;
  readonly tie_word_embeddings?: boolean;
  readonly attention_bias?: boolean;
  readonly mlp_bias?: boolean;
  readonly hidden_act?: string;
}

/**
 * Reads a Llama's config.json.
 *
 * @throws ApolabError that names the field, where one is missing or asks for what this forward pass does not compute.
 */
export function parseConfig(json: unknown, where: string): ModelConfig {
  if (typeof json !== 'object' || json === null) throw new ApolabError(`${where} is no JSON object.`);
  const given = json as Partial<LlamaConfigJson>;
  const unsupported = (field: string, value: unknown, right: string) =>
    new ApolabError(`${where}: ${field} is ${JSON.stringify(value)}; this version computes ${right} only.`);
  const integer = (field: keyof LlamaConfigJson, fallback?: number): number => {
    const value = given[field] ?? fallback;
    if (!Number.isInteger(value) || (value as number) <= 0) {
      throw new ApolabError(`${where}: ${field} is ${JSON.stringify(value)}, expected a positive whole number.`);
    }
    return value as number;
  };
  if (given.model_type !== 'llama') throw unsupported('model_type', given.model_type, "'llama'");
  if ((given.hidden_act ?? 'silu') !== 'silu') throw unsupported('hidden_act', given.hidden_act, "'silu'");
  if (given.attention_bias === true) throw unsupported('attention_bias', true, 'projections without a bias');
  if (given.mlp_bias === true) throw unsupported('mlp_bias', true, 'projections without a bias');
  const rope =
    given.rope_parameters?.rope_type ?? given.rope_scaling?.rope_type ?? given.rope_scaling?.type ?? 'default';
  if (rope !== 'default') throw unsupported('rope type', rope, 'unscaled rotary positions');
  const heads = integer('num_attention_heads');
  const keyValueHeads = integer('num_key_value_heads', heads);
  if (heads % keyValueHeads !== 0) {
    throw new ApolabError(
      `${where}: num_attention_heads ${heads} is no multiple of num_key_value_heads ${keyValueHeads}.`,
    );
  }
  return {
    vocabularySize: integer('vocab_size'),
    hiddenSize: integer('hidden_size'),
    intermediateSize: integer('intermediate_size'),
    layers: integer('num_hidden_layers'),
    heads,
    keyValueHeads,
    headSize: integer('head_dim', integer('hidden_size') / heads),
    maxPositions: integer('max_position_embeddings', 2048),
    normEpsilon: given.rms_norm_eps ?? 1e-6,
    ropeTheta: given.rope_parameters?.rope_theta ?? given.rope_theta ?? 10_000,
    tiedEmbeddings: given.tie_word_embeddings ?? false,
  };
}

/** The config.json that transformers reads back as the same model; the inverse of `parseConfig`. */
export function formatConfig(config: ModelConfig): LlamaConfigJson & { readonly architectures: readonly string[] } {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
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
    tie_word_embeddings: config.tiedEmbeddings,
    attention_bias: false,
    mlp_bias: false,
    hidden_act: 'silu',
  };
}
