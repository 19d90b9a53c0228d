/**
 * LoRA adapters: for some linear maps, a product of two low-rank matrices is added to the weight: `W + scale B A`, with A
 * `[rank, in]` and B `[out, rank]`. Source: Hu et al. 2021, arXiv:2106.09685, section 4.1.
 */
import { tf } from '../tensor/index.js';
import { adapterName, adapterPrefix, type Parameters } from './parameters.js';

/** The settings of a LoRA adapter that decide what its tensors compute. */
export interface Adapter {
  /** Columns of B and rows of A; 1 or more. */
  readonly rank: number;
  /** Numerator of the scale; above 0. */
  readonly alpha: number;
  /** If true, the scale is `alpha / sqrt(rank)`, not `alpha / rank`. Kalajdzievski 2023, arXiv:2312.03732. */
  readonly rankStabilized: boolean;
}

/** The factor of the product `B A`: `alpha / rank`, or `alpha / sqrt(rank)` if the adapter is rank-stabilised. */
export function adapterScale({ rank, alpha, rankStabilized }: Adapter): number {
  return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
}

/** The tensors of a record that belong to an adapter, or those that do not. The tensors are shared, not copied. */
export function partOf<T extends tf.Tensor>(
  parameters: Readonly<Record<string, T>>,
  part: 'adapter' | 'base',
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(parameters).filter(([name]) => name.startsWith(adapterPrefix) === (part === 'adapter')),
  );
}

/**
 * A parameter with the adapter merged into it: `W + scale B A` if the adapter changes this weight, otherwise a copy of the
 * tensor. The caller disposes of the result.
 *
 * @param name the parameter's name, for example `model.layers.0.self_attn.q_proj.weight`
 */
export function mergedTensor(parameters: Parameters, name: string, scale: number): tf.Tensor {
  const tensor = parameters[name]!;
  const module = name.replace(/\.weight$/, '');
  const [a, b] = [parameters[adapterName(module, 'A')], parameters[adapterName(module, 'B')]];
  if (!name.endsWith('.weight') || a === undefined || b === undefined) return tensor.clone();
  return tf.tidy(() => tf.add(tensor, tf.mul(tf.matMul(b as tf.Tensor2D, a as tf.Tensor2D), scale)));
}
