/**
 * What a backend is: the contract that every row of backends.ts satisfies. tests/tensor/contract.test.ts holds each backend of
 * a machine to it.
 *
 * A new backend is one row: a TensorFlow.js backend of the same name, with the kernels that the layers, the losses and their
 * gradients use. TensorFlow.js's backends lack some of them; `prepare` registers those (wasmKernels.ts is the example).
 */
import type * as tf from '@tensorflow/tfjs';
import type { NativeDecoder } from './decoderTypes.js';
import type { Layers } from './layerTypes.js';

/** The types of elements that can be read, each with the array that holds the values. */
export interface ValuesOf {
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  /** 0 or 1 per element. */
  readonly bool: Uint8Array;
}

/** The values of a tensor of any numeric type, in row-major order. */
export type TensorValues = ValuesOf[keyof ValuesOf];

/** The memory that tensors can still take. */
export interface FreeMemory {
  readonly bytes: number;
  /** What has this room, for messages: `this machine's memory`. */
  readonly of: string;
}

/** One backend: what it is, how it starts, how values come out of it, and what computes the layers. */
export interface Backend {
  /** What it is and when to use it, in one line of help text. */
  readonly description: string;
  /** Whether this machine has what it needs. Must be cheap: it does not load the backend. */
  isInstalled(): boolean;
  /**
   * Registers the backend and its missing kernels with TensorFlow.js; `tf.setBackend` starts it afterwards. Called again, it
   * does nothing.
   *
   * @throws ApolabError if something that it needs is missing; the message says what to do.
   */
  prepare(): void;
  /** Version and device, in a few words. Called only while this backend runs. */
  device(): string;
  /** Called each time after TensorFlow.js has started the backend. */
  started(): void;
  /** The memory that tensors can still take; undefined if it is not known, as on a GPU. Called only while this backend runs. */
  freeMemory(): FreeMemory | undefined;
  /** Resolves to the values of a tensor. Every backend can do this; on a GPU, other work goes on until they arrive. */
  readValues(tensor: tf.Tensor): Promise<TensorValues>;
  /**
   * The values of a tensor at once. Undefined if the backend can only read asynchronously, as a GPU in WebGPU. Training,
   * generation and display therefore do not depend on it.
   */
  readonly readValuesSync: ((tensor: tf.Tensor) => TensorValues) | undefined;
  /** The implementation of the layers on the running device: the backend's own kernels, or `composedLayers`. */
  layers(): Layers;
  /** Generation as one operation; undefined if it is composed of layers on the running device. */
  decoder(): NativeDecoder | undefined;
}
