/** Loads the TensorFlow binding, multiplies two matrices with it, and prints TensorFlow's version; exit code 1 if that fails. */
import { createRequire } from 'node:module';
import util from 'node:util';
import { paths } from './paths.mjs';

// tfjs-node calls functions that Node 23 removed.
Object.assign(util, { isNullOrUndefined: (/** @type {unknown} */ value) => value === null || value === undefined });
// The rolled tfjs-node (kernel/declarations/rollCode.ts) reads the binding's path there.
Object.assign(globalThis, { [Symbol.for('apolab.tensorflow.binding')]: paths.binding });
const tf = createRequire(import.meta.url)(paths.tensorflowCode);
const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()[0];
if (product !== 11) throw new Error(`TensorFlow's product is wrong: [1, 2] times [3, 4] gave ${product}, not 11.`);
console.log(tf.backend().binding.TF_Version);
