/** Linear maps with their gradients, for the three products of an implementation of the layers. */
import * as tf from '@tensorflow/tfjs';
import { differentiable } from './customGradient.js';
import type { Layers } from './layerTypes.js';

/** The products that a linear map `x weight^T` and its gradients consist of. */
export interface Products {
  /** `x weight^T` */
  readonly product: (x: tf.Tensor, weight: tf.Tensor) => tf.Tensor;
  /** `dy weight` */
  readonly inputGradient: (dy: tf.Tensor, weight: tf.Tensor) => tf.Tensor;
  /** `dy^T x` */
  readonly weightGradient: (dy: tf.Tensor, x: tf.Tensor) => tf.Tensor;
}

/** The linear maps of `Layers` by given products. */
export function linearLayers(products: Products): Pick<Layers, 'linear' | 'adaptedLinear'> {
  const { product, inputGradient, weightGradient } = products;
  return {
    linear: (x, weight, isFrozen) =>
      differentiable(isFrozen ? [x] : [x, weight], (save) => {
        save(isFrozen ? [weight] : [weight, x]);
        return {
          value: product(x, weight),
          gradient: (dy, [keptWeight, keptX]) => {
            const dx = inputGradient(dy, keptWeight!);
            return isFrozen ? [dx] : [dx, weightGradient(dy, keptX!)];
          },
        };
      }) as tf.Tensor2D,

    // With h = scale x A^T: dB = dy^T h, and with g = scale dy B: dA = g^T x, dx = dy weight + g A.
    adaptedLinear: (x, weight, a, b, scale) =>
      differentiable([x, a, b], (save) => {
        const hidden = tf.mul(product(x, a), scale);
        save([x, weight, a, b, hidden]);
        return {
          value: tf.add(product(x, weight), product(hidden, b)),
          gradient: (dy, saved) => {
            const [keptX, keptWeight, keptA, keptB, keptHidden] = saved as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
            const slope = tf.mul(inputGradient(dy, keptB!), scale);
            return [
              tf.add(inputGradient(dy, keptWeight), inputGradient(slope, keptA!)),
              weightGradient(slope, keptX),
              weightGradient(dy, keptHidden!),
            ];
          },
        };
      }) as tf.Tensor2D,
  };
}
