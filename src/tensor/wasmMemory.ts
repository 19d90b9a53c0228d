/**
 * The memory of the WebAssembly backend. Its heap has 32-bit addresses, so it ends at 4 GiB.
 *
 * TensorFlow.js does not look at the result of an allocation: after a failed one it writes to address 0 and damages the heap. Here,
 * a failed allocation of a tensor is an error before anything is written, so the backend can go on. If an allocation fails inside
 * of a compiled kernel, WebAssembly stops with a RuntimeError in the middle of its work; the heap may then be damaged.
 */
import * as tf from '@tensorflow/tfjs';
import { availableMemory } from '../core/availableMemory.js';
import type { FreeMemory } from './backend.js';
import { formatBytes, OutOfMemoryError } from './memoryError.js';

/** The largest heap that TensorFlow.js's build allows, in bytes: 4 GiB less one page of 64 KiB. */
export const wasmHeapLimit = 2 ** 32 - 2 ** 16;

const waysOut =
  "Free tensors that are not needed, use a smaller batch or shorter sequences, or the backend 'tensorflow' (npx apolab backend tensorflow).";

/** The part of Emscripten's module that is used here. */
interface Module {
  _malloc: (bytes: number) => number;
  readonly _free: (address: number) => void;
  readonly HEAPU8: Uint8Array;
}

/** What tensors can still take: limited by the heap's largest size and by the machine's memory. */
export function wasmFreeMemory(): FreeMemory {
  const used = tf.memory().numBytes;
  const { length: grown } = runningModule().HEAPU8;
  const inHeap = wasmHeapLimit - used;
  // Memory that the heap has already, but no tensor uses, is free too.
  const inMachine = availableMemory() + Math.max(0, grown - used);
  return inHeap <= inMachine
    ? { bytes: inHeap, of: `the WebAssembly heap, which ends at ${formatBytes(wasmHeapLimit)}` }
    : { bytes: inMachine, of: "this machine's memory" };
}

/** Makes a failed allocation an OutOfMemoryError. To be called when the backend has started; called again, it does nothing. */
export function guardWasmAllocations(): void {
  const module = runningModule();
  if (guarded.has(module)) return;
  guarded.add(module);
  // Emscripten replaces the property itself at the first call.
  module._free(module._malloc(1));
  const allocate = module._malloc;
  module._malloc = (bytes) => {
    const address = allocate(bytes);
    if (address !== 0 || bytes === 0) return address;
    throw new OutOfMemoryError(
      `The WebAssembly backend has no room for a tensor of ${formatBytes(bytes)}: its heap has ${formatBytes(module.HEAPU8.length)}, ` +
        `${formatBytes(tf.memory().numBytes)} of it are in use, and it cannot grow. ${waysOut}`,
    );
  };
  guardKernels();
}

const guarded = new WeakSet<Module>();

/** Wraps every kernel of the backend: a RuntimeError of WebAssembly becomes an error that says what to do. */
function guardKernels(): void {
  for (const config of tf.getKernelsForBackend('wasm')) {
    const { kernelName, kernelFunc } = config;
    tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({
      ...config,
      kernelFunc: (given) => {
        try {
          return kernelFunc(given);
        } catch (error) {
          throw brokenHeap(error, kernelName) ?? error;
        }
      },
    });
  }
}

/** The error for a WebAssembly RuntimeError; undefined for any other error. */
function brokenHeap(error: unknown, kernel: string): OutOfMemoryError | undefined {
  if (!(error instanceof Error && error.name === 'RuntimeError')) return undefined;
  return new OutOfMemoryError(
    `The WebAssembly backend stopped in the operation ${kernel} (${error.message}), most likely because its heap is full: ` +
      `${formatBytes(tf.memory().numBytes)} in tensors, of at most ${formatBytes(wasmHeapLimit)}. Its heap may be damaged: restart the kernel or ` +
      `the program before you go on. ${waysOut}`,
    { cause: error },
  );
}

function runningModule(): Module {
  return (tf.backend() as unknown as { readonly wasm: Module }).wasm;
}
