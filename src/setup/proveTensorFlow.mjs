/**
 * Loads the TensorFlow binding and multiplies two matrices on it, with the kernels of the library that is the argument, if there is one.
 * Prints TensorFlow's version; exits with 1 if it cannot.
 */
import { createRequire } from 'node:module';
import util from 'node:util';
import { paths } from './paths.mjs';

// tfjs-node calls a function that Node 23 removed.
Object.assign(util, { isNullOrUndefined: (/** @type {unknown} */ value) => value === null || value === undefined });
const load = createRequire(import.meta.url);
// The rolled tfjs-node (kernel/declarations/rollCode.ts) reads the binding's path there.
Object.assign(globalThis, { [Symbol.for('apolab.tensorflow.binding')]: paths.binding });
const tf = load(paths.tensorflowCode);
/** @type {any} */
const backend = tf.backend();
const [kernels] = process.argv.slice(2);
if (kernels !== undefined) load(kernels);

const a = tf.tensor2d([[1, 2]]);
const [product] =
  kernels === undefined
    ? [tf.matMul(a, tf.tensor2d([[3], [4]]))]
    : backend.executeMultipleOutputs('ApolabLinear', [], [a, tf.tensor2d([[3, 4]])], 1);
const [value] = product.dataSync();
if (value !== 11) throw new Error(`TensorFlow multiplies wrongly: [1, 2] times [3, 4] gave ${value}, not 11.`);
console.log(backend.binding.TF_Version);
