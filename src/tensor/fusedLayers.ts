/**
 * The layers as single operations of the TensorFlow backend on a CPU; native/kernels.cc is compiled into libraries of their own, one per
 * instruction set. Calling an eager operation takes about 20 microseconds, which is most of a training step of a small model.
 */
import * as tf from '@tensorflow/tfjs';
import { keptLogits } from './composedLayers.js';
import { differentiable } from './customGradient.js';
import type { Layers } from './layerTypes.js';
import { linearLayers } from './linear.js';

/** How many tensors each operation returns. native/kernels.cc documents the order of its inputs. */
const outputs = {
  ApolabLinear: 1,
  ApolabLinearInputGradient: 1,
  ApolabLinearWeightGradient: 1,
  ApolabRmsNorm: 2,
  ApolabRmsNormGradient: 2,
  ApolabSwiGlu: 1,
  ApolabSwiGluGradient: 2,
  ApolabAttention: 2,
  ApolabAttentionGradient: 3,
  ApolabTargetLogProbs: 3,
  ApolabTargetLogProbsGradient: 1,
  ApolabHeadLogProbs: 3,
  ApolabHeadLogProbsGradient: 2,
  ApolabFrozenHeadLogProbsGradient: 1,
  ApolabAdamW: 3,
} as const;
type Operation = keyof typeof outputs;

/** The part of tfjs-node's backend that is used here. */
interface TensorFlowBackend {
  readonly isUsingGpuDevice: boolean;
  executeMultipleOutputs(name: string, attributes: [], inputs: tf.TensorInfo[], outputs: number): tf.TensorInfo[];
}

let registered = false;

/** Registers the kernels with TensorFlow.js; its TensorFlow backend must be running. On a GPU it does nothing: they are CPU kernels. */
export function registerFusedKernels(): void {
  if (registered || (tf.backend() as unknown as TensorFlowBackend).isUsingGpuDevice) return;
  for (const [kernelName, count] of Object.entries(outputs)) {
    const kernelFunc = ({ inputs, backend }: { inputs: tf.NamedTensorInfoMap; backend: unknown }) =>
      (backend as TensorFlowBackend).executeMultipleOutputs(
        kernelName,
        [],
        Object.values(inputs).filter((input) => input !== undefined),
        count,
      );
    tf.registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc });
  }
  registered = true;
}

/** Whether the running backend has the kernels. */
export function hasFusedKernels(): boolean {
  return registered && tf.engine().backendName === 'tensorflow';
}

type Outputs<Name extends Operation> = {
  1: [tf.Tensor];
  2: [tf.Tensor, tf.Tensor];
  3: Three;
}[(typeof outputs)[Name]];
type Three = [tf.Tensor, tf.Tensor, tf.Tensor];

function run<Name extends Operation>(operation: Name, ...inputs: tf.Tensor[]): Outputs<Name> {
  const named = Object.fromEntries(inputs.map((input, index) => [String(index), input]));
  const returned: unknown = tf.engine().runKernel(operation, named);
  return returned as Outputs<Name>;
}

/** From this many multiply-adds on, TensorFlow's own matrix product is faster than the kernel. */
const worthTensorFlow = 2 ** 26;

/** The layers by the kernels; layers.ts documents each of them. */
export const fusedLayers: Layers = {
  ...linearLayers({
    product: (x, weight) =>
      x.size * weight.shape[0] >= worthTensorFlow
        ? tf.matMul(x, weight, false, true)
        : run('ApolabLinear', x, weight)[0],
    inputGradient: (dy, weight) =>
      dy.size * weight.shape[1]! >= worthTensorFlow
        ? tf.matMul(dy, weight)
        : run('ApolabLinearInputGradient', dy, weight)[0],
    weightGradient: (dy, x) =>
      dy.size * x.shape[1]! >= worthTensorFlow
        ? tf.matMul(dy, x, true, false)
        : run('ApolabLinearWeightGradient', dy, x)[0],
  }),

  rmsNorm: (x, weight, epsilon) =>
    differentiable([x, weight], (save) => {
      const [y, inverse] = run('ApolabRmsNorm', x, weight, tf.scalar(epsilon));
      save([x, weight, inverse]);
      return { value: y, gradient: (dy, saved) => run('ApolabRmsNormGradient', dy, ...saved) };
    }),

  swiGlu: (gate, up) =>
    differentiable([gate, up], (save) => {
      save([gate, up]);
      const [value] = run('ApolabSwiGlu', gate, up);
      return { value, gradient: (dy, saved) => run('ApolabSwiGluGradient', dy, ...saved) };
    }),

  attentionOver: (trees, angles) => {
    const prepared = [
      tf.cos(angles),
      tf.sin(angles),
      tf.tensor2d(trees.ranges, [trees.ranges.length / 4, 4], 'int32'),
      tf.tensor1d(trees.offsets, 'int32'),
    ];
    return (queries, keys, values) =>
      differentiable([queries, keys, values], (save) => {
        const [value, logSums] = run('ApolabAttention', queries, keys, values, ...prepared);
        save([value, logSums, queries, keys, values, ...prepared]);
        return { value, gradient: (dy, saved) => run('ApolabAttentionGradient', dy, ...saved) };
      }) as tf.Tensor2D;
  },

  targetLogProbs: (logits, targets) =>
    differentiable([logits], (save) => {
      const [value, largests, logSums] = run('ApolabTargetLogProbs', logits, targets);
      save([logits, targets, largests, logSums]);
      return { value, gradient: (dy, saved) => run('ApolabTargetLogProbsGradient', dy, ...saved) };
    }) as tf.Tensor1D,

  headLogProbs: (states, weight, targets, isFrozen) => {
    if (states.shape[0] * weight.shape[0] <= keptLogits)
      return fusedLayers.targetLogProbs(fusedLayers.linear(states, weight, isFrozen), targets);
    return differentiable(isFrozen ? [states] : [states, weight], (save) => {
      const [value, largests, logSums] = run('ApolabHeadLogProbs', states, weight, targets);
      save([states, weight, targets, largests, logSums]);
      const operation = isFrozen ? 'ApolabFrozenHeadLogProbsGradient' : 'ApolabHeadLogProbsGradient';
      return { value, gradient: (dy, saved) => run(operation, dy, ...saved) };
    }) as tf.Tensor1D;
  },

  adamWStep: (parameter, gradient, mean, square, { beta1, beta2, epsilon, stepSize, correction, decay, scale }) =>
    run(
      'ApolabAdamW',
      ...[parameter, gradient, mean, square],
      tf.tensor1d([beta1, beta2, epsilon, stepSize, correction, decay, scale]),
    ),
};
