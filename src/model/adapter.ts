/**
 * What a LoRA adapter is: for some linear maps a product of two thin matrices that is added to the weight,
 * `W + scale B A`, with A `[rank, in]` and B `[out, rank]`. Hu et al. 2021, arXiv:2106.09685, section 4.1.
 */
import { tf } from '../tensor/index.js';
import { adapterName, adapterPrefix, type Parameters } from './parameters.js';

export interface Adapter {
  readonly rank: number;
  readonly alpha: number;
  /** Rank-stabilised: the scale is `alpha / sqrt(rank)`, not `alpha / rank`. Kalajdzievski 2023, arXiv:2312.03732. */
  readonly rankStabilized: boolean;
}

/** What the product of the two matrices is multiplied with. */
export function adapterScale({ rank, alpha, rankStabilized }: Adapter): number {
  return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
}

/** The tensors of a record that are an adapter's, or those that are not. */
export function partOf<T extends tf.Tensor>(
  parameters: Readonly<Record<string, T>>,
  part: 'adapter' | 'base',
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(parameters).filter(([name]) => name.startsWith(adapterPrefix) === (part === 'adapter')),
  );
}

/**
 * A tensor of the model as it is with the adapter in it: `W + scale B A` for a weight that the adapter has a part for, the
 * tensor itself for any other. The caller disposes of the result, which is a tensor of its own.
 */
export function mergedTensor(parameters: Parameters, name: string, scale: number): tf.Tensor {
  const tensor = parameters[name]!;
  const module = name.replace(/\.weight$/, '');
  const [a, b] = [parameters[adapterName(module, 'A')], parameters[adapterName(module, 'B')]];
  if (!name.endsWith('.weight') || a === undefined || b === undefined) return tensor.clone();
  return tf.tidy(() => tf.add(tensor, tf.mul(tf.matMul(b as tf.Tensor2D, a as tf.Tensor2D), scale)));
}
