/**
 * The layers as single operations of the TensorFlow backend on a CPU: native/kernels.cc is compiled into its binding. An
 * eager operation takes some twenty microseconds to call, which for a small model is most of a training step.
 */
import * as tf from '@tensorflow/tfjs';
import { composedLayers } from './composedLayers.js';
import { differentiable } from './customGradient.js';
import type { Layers } from './layerTypes.js';

/** How many tensors each operation gives; its inputs are in the order that native/kernels.cc says. */
const outputs = {
  ApolabLinear: 1,
  ApolabLinearGradient: 2,
  ApolabRmsNorm: 2,
  ApolabRmsNormGradient: 2,
  ApolabSwiGlu: 1,
  ApolabSwiGluGradient: 2,
  ApolabAttention: 4,
  ApolabAttentionGradient: 3,
  ApolabTargetLogProbs: 2,
  ApolabTargetLogProbsGradient: 1,
  ApolabAdamW: 3,
} as const;
type Operation = keyof typeof outputs;

/** What is used of tfjs-node's backend. */
interface TensorFlowBackend {
  readonly isUsingGpuDevice: boolean;
  executeMultipleOutputs(name: string, attributes: [], inputs: tf.TensorInfo[], outputs: number): tf.TensorInfo[];
}

let registered = false;

/** Tells TensorFlow.js of the kernels, once its TensorFlow backend runs; a GPU has none of them. */
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

/** Whether the backend that runs now has them. */
export function hasFusedKernels(): boolean {
  return registered && tf.engine().backendName === 'tensorflow';
}

// How many tensors come is the operation's to know.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
function run<T extends tf.Tensor[]>(operation: Operation, ...inputs: tf.Tensor[]): T {
  const named = Object.fromEntries(inputs.map((input, index) => [String(index), input]));
  const given: unknown = tf.engine().runKernel(operation, named);
  return given as T;
}

/** Multiply-adds from which TensorFlow's own product, which knows the machine's caches better, is the faster one. */
const worthTensorFlow = 2 ** 26;

export const fusedLayers: Layers = {
  linear: (x, weight) => {
    if (x.size * weight.shape[0] >= worthTensorFlow) return composedLayers.linear(x, weight);
    return differentiable([x, weight], (save) => {
      save([x, weight]);
      const [value] = run<[tf.Tensor]>('ApolabLinear', x, weight);
      return { value, gradient: (dy, saved) => run('ApolabLinearGradient', dy, ...saved) };
    }) as tf.Tensor2D;
  },

  rmsNorm: (x, weight, epsilon) =>
    differentiable([x, weight], (save) => {
      const [y, inverse] = run<[tf.Tensor, tf.Tensor]>('ApolabRmsNorm', x, weight, tf.scalar(epsilon));
      save([x, weight, inverse]);
      return { value: y, gradient: (dy, saved) => run('ApolabRmsNormGradient', dy, ...saved) };
    }),

  swiGlu: (gate, up) =>
    differentiable([gate, up], (save) => {
      save([gate, up]);
      const [value] = run<[tf.Tensor]>('ApolabSwiGlu', gate, up);
      return { value, gradient: (dy, saved) => run('ApolabSwiGluGradient', dy, ...saved) };
    }),

  attention: (queries, keys, values, { keys: { cosine, sine } }, mask) =>
    differentiable([queries, keys, values], (save) => {
      const [value, weights, turnedQueries, turnedKeys] = run<[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]>(
        'ApolabAttention',
        ...[queries, keys, values, cosine, sine, mask],
      );
      save([weights, turnedQueries, turnedKeys, values, cosine, sine]);
      return { value, gradient: (dy, saved) => run('ApolabAttentionGradient', dy, ...saved) };
    }) as tf.Tensor2D,

  targetLogProbs: (logits, targets) =>
    differentiable([logits], (save) => {
      const [value, logSums] = run<[tf.Tensor, tf.Tensor]>('ApolabTargetLogProbs', logits, targets);
      save([logits, targets, logSums]);
      return { value, gradient: (dy, saved) => run('ApolabTargetLogProbsGradient', dy, ...saved) };
    }) as tf.Tensor1D,

  adamWStep: (parameter, gradient, mean, square, { beta1, beta2, epsilon, stepSize, correction, decay }) =>
    run<[tf.Tensor, tf.Tensor, tf.Tensor]>(
      'ApolabAdamW',
      ...[parameter, gradient, mean, square],
      tf.tensor1d([beta1, beta2, epsilon, stepSize, correction, decay]),
    ),
};
