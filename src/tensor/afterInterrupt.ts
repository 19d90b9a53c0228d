/** Repairs TensorFlow.js after a notebook's stop button. */
import * as tf from '@tensorflow/tfjs';

/** The fields of TensorFlow.js's engine that count how deep the running code is in its functions. */
interface EngineState {
  kernelDepth: number;
  gradientDepth: number;
  activeTape: unknown;
  readonly scopeStack: unknown[];
}

/**
 * Brings TensorFlow.js back to the state outside of all its functions, and frees the tensors of every open `tf.tidy`.
 *
 * The stop button breaks off a cell's code without running its `finally` blocks. Code that was inside an operation or a `tidy`
 * then leaves TensorFlow.js counting as if it were still there, and later gradients fail with "Cannot find a connection between
 * any variable and the result of the loss function". Call it only if no TensorFlow.js code runs.
 */
export function recoverTensors(): void {
  const engine = tf.engine();
  const state = engine.state as unknown as EngineState;
  while (state.scopeStack.length > 0) engine.endScope();
  Object.assign(state, { kernelDepth: 0, gradientDepth: 0, activeTape: null });
}
