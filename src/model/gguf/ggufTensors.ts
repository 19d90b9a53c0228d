/** The tensors of a GGUF file under Hugging Face's names, in Hugging Face's order of rows. */
import { ApolabError } from '../../core/errors.js';
import type { Checkpoint } from '../checkpoint.js';
import type { ModelConfig } from '../config.js';
import { quoted } from '../json.js';
import { parameterShapes } from '../parameters.js';
import type { GgufFile } from './container.js';
import { architectureOf } from './ggufConfig.js';

/** Modules of GGUF by Hugging Face's names; `.weight` and `.bias` are the same. */
const modules: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
};
const layerModules: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};
/** Tensors that are constants of the rotation; the configuration says the same. */
const constants = /^(rope_freqs\.weight|blk\.\d+\.attn_rot_embd\.weight)$/;

/** GGUF's name of a parameter: `model.layers.0.mlp.up_proj.weight` is `blk.0.ffn_up.weight`. */
export function ggufName(name: string): string {
  const [, module = '', kind = ''] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  const [, layer, part = ''] = /^model\.layers\.(\d+)\.(.*)$/.exec(module) ?? [];
  return `${layer === undefined ? modules[module]! : `blk.${layer}.${layerModules[part]!}`}.${kind}`;
}

/**
 * The weights of a GGUF file as a checkpoint: the file's tensors, dequantized one at a time. llama.cpp stores the rows of a
 * Llama's queries and keys in another order, which is undone.
 *
 * @throws ApolabError if a tensor is missing, has another shape, or is unknown to the configuration; it names the tensor.
 */
export function ggufCheckpoint(gguf: GgufFile, config: ModelConfig): Checkpoint {
  const { file } = gguf;
  const shapes = parameterShapes(config);
  const known = new Set<string>();
  for (const [name, shape] of Object.entries(shapes)) {
    const stored = gguf.tensors.get(ggufName(name));
    known.add(ggufName(name));
    if (stored === undefined) {
      throw new ApolabError(
        `${file} has no tensor '${ggufName(name)}', which its metadata needs. Fetch the file again.`,
      );
    }
    if (stored.shape.join() !== shape.join()) {
      throw new ApolabError(
        `${file}: the tensor '${ggufName(name)}' has shape [${stored.shape.join(', ')}], but the metadata needs ` +
          `[${shape.join(', ')}]. Fetch the file again.`,
      );
    }
  }
  const unknown = [...gguf.tensors.keys()].find((name) => !known.has(name) && !constants.test(name));
  if (unknown !== undefined) {
    throw new ApolabError(
      `${file} has the tensor ${quoted(unknown)}, which a ${config.architecture ?? 'llama'} of this kind does not have: ` +
        'the model has parts that are not supported (such as experts). Use another model.',
    );
  }
  const { interleaved } = architectureOf(gguf);
  const read = async (name: string) => {
    const values = await gguf.read(ggufName(name));
    const isRotated = /\.self_attn\.[qk]_proj\./.test(name);
    return interleaved && isRotated ? halvesApart(values, config.headSize, shapes[name]![0]!) : values;
  };
  const tensors = new Map(Object.entries(shapes).map(([name, shape]) => [name, { shape }]));
  return { origin: file, tensors, read, close: () => gguf.close() };
}

/**
 * The rows of each head in Hugging Face's order: feature i is rotated with feature i + headSize / 2. In llama.cpp's order the
 * two are side by side. Source: llama.cpp, convert_hf_to_gguf.py, `permute`.
 */
function halvesApart(values: Float32Array, headSize: number, rows: number): Float32Array {
  const width = values.length / rows;
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const inHead = row % headSize;
    const from = row - inHead + 2 * (inHead % (headSize / 2)) + Math.floor(inHead / (headSize / 2));
    result.set(values.subarray(from * width, (from + 1) * width), row * width);
  }
  return result;
}
