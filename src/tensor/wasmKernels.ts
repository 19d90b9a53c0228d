/**
 * Three kernels that TensorFlow.js's WebAssembly backend needs to train a language model.
 *
 * - `BatchMatMul` uses its fast path (XNNPACK) only for a single product without transposes; all others run in a scalar loop that
 *   is ten times slower. Here, transposes are computed first, and large batched products run one after the other.
 * - `UnsortedSegmentSum` is missing. Without it, `gather` (the embedding look-up) has no gradient.
 * - `Identity` copies its tensor. TensorFlow.js calls it for every tensor that a gradient needs, weights included. Here, both
 *   tensors share the memory, as on other backends.
 */
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

type Kernel = (args: {
  inputs: tf.NamedTensorInfoMap;
  backend: BackendWasm;
  attrs: Record<string, unknown>;
}) => tf.TensorInfo;

/**
 * From this many multiply-adds on, each product of a batch gets a call of its own, on views. Measured against the stock kernel on 64 items:
 * 1.4 times as fast at 20x16x20, 4 times at 28x16x28, 8 times at 64x32x64.
 */
const worthOneCall = 5_000;

// The declared type does not say that a kernel may be missing.
const registered = (name: string) => tf.getKernel(name, 'wasm') as tf.KernelConfig | undefined;

/**
 * Replaces BatchMatMul and Identity, and adds UnsortedSegmentSum. The backend may run already or start later. Called again, it does nothing.
 *
 * @throws Error if the backend has no BatchMatMul, which means that its version changed.
 */
export function fixWasmKernels(): void {
  if (registered('UnsortedSegmentSum') !== undefined) return;
  const stock = registered('BatchMatMul');
  if (stock === undefined) throw new Error('The WebAssembly backend has no kernel BatchMatMul; its version changed.');
  const own: Readonly<Record<string, Kernel>> = {
    BatchMatMul: batchMatMul(stock.kernelFunc as unknown as Kernel),
    Identity: identity,
    UnsortedSegmentSum: unsortedSegmentSum,
  };
  for (const [kernelName, kernel] of Object.entries(own)) {
    const replaced = registered(kernelName);
    if (replaced !== undefined) tf.unregisterKernel(kernelName, 'wasm');
    // The replaced kernel's set-up stays: it prepares the call of the stock function.
    tf.registerKernel({
      ...replaced,
      kernelName,
      backendName: 'wasm',
      kernelFunc: kernel as unknown as tf.KernelFunc,
    });
  }
}

/** The product of `a` `[..., m, k]` and `b` `[..., k, n]`; calls the stock kernel with inputs for which it is fast. */
function batchMatMul(stock: Kernel): Kernel {
  return ({ inputs, backend, attrs }) => {
    const a = inputs.a!;
    const b = inputs.b!;
    const straightA = attrs.transposeA === true ? transposeLastTwo(a, backend) : a;
    const straightB = attrs.transposeB === true ? transposeLastTwo(b, backend) : b;
    const product = multiplyStraight(stock, straightA, straightB, backend);
    if (straightA !== a) backend.disposeData(straightA.dataId);
    if (straightB !== b) backend.disposeData(straightB.dataId);
    return product;
  };
}

function multiplyStraight(stock: Kernel, a: tf.TensorInfo, b: tf.TensorInfo, backend: BackendWasm): tf.TensorInfo {
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape.at(-1)!;
  const outer = a.shape.slice(0, -2);
  const batch = tf.util.sizeFromShape(outer);
  const sameOuter = tf.util.arraysEqual(outer, b.shape.slice(0, -2));
  if (!sameOuter || m * k * n < worthOneCall) {
    return stock({ inputs: { a, b }, backend, attrs: { transposeA: false, transposeB: false } });
  }
  // XNNPACK packs a copy of each second matrix and keeps it as long as the tensor lives; that of a view is freed with the view.
  const out = backend.makeOutput([...outer, m, n], 'float32');
  for (let item = 0; item < batch; item++) {
    const views = [
      view(backend, a, item * m * k, [m, k]),
      view(backend, b, item * k * n, [k, n]),
      view(backend, out, item * m * n, [m, n]),
    ] as const;
    const [viewA, viewB, viewOut] = views;
    multiplyViews(backend, viewA, viewB, viewOut);
    for (const { id } of views) backend.wasm.tfjs.disposeData(id);
  }
  return out;
}

interface View {
  readonly id: number;
  readonly shape: readonly [number, number];
}

// The backend numbers its own tensors from 0; views have numbers that it does not reach.
let nextViewId = 2 ** 30;

/** Registers a part of a tensor's memory as a matrix, without copying it. */
function view(backend: BackendWasm, whole: tf.TensorInfo, offset: number, shape: [number, number]): View {
  const id = nextViewId++;
  const { memoryOffset } = backend.dataIdMap.get(whole.dataId);
  backend.wasm.tfjs.registerTensor(id, shape[0] * shape[1], memoryOffset + offset * Float32Array.BYTES_PER_ELEMENT);
  return { id, shape };
}

type CompiledMatMul = (...args: (number | boolean | Uint8Array)[]) => void;
let compiled: { readonly module: unknown; readonly call: CompiledMatMul } | undefined;

function multiplyViews({ wasm }: BackendWasm, a: View, b: View, out: View): void {
  if (compiled?.module !== wasm) {
    const types = ['number', 'array', 'number', 'number', 'array', 'number', 'number', 'number', 'number'];
    const { cwrap } = wasm as unknown as {
      cwrap: (name: string, returns: null, types: readonly string[]) => CompiledMatMul;
    };
    compiled = { module: wasm, call: cwrap('BatchMatMul', null, types) };
  }
  const bytes = (shape: readonly [number, number]) => new Uint8Array(new Int32Array([1, ...shape]).buffer);
  compiled.call(a.id, bytes(a.shape), 3, b.id, bytes(b.shape), 3, false, false, out.id);
}

function transposeLastTwo(x: tf.TensorInfo, backend: BackendWasm): tf.TensorInfo {
  const rank = x.shape.length;
  const perm = [...Array(rank - 2).keys(), rank - 1, rank - 2];
  const transpose = tf.getKernel('Transpose', 'wasm').kernelFunc as unknown as Kernel;
  return transpose({ inputs: { x }, backend, attrs: { perm } });
}

/** A tensor with the same memory; the backend frees it when the last of them is disposed. */
const identity: Kernel = ({ inputs, backend }) => {
  const { dataId, shape, dtype } = inputs.x!;
  backend.incRef(dataId);
  return { dataId, shape, dtype };
};

/** `out[s] = sum of x[i] over all i with segmentIds[i] = s`; ids outside 0 to numSegments - 1 are ignored, as in TensorFlow. */
const unsortedSegmentSum: Kernel = ({ inputs, backend, attrs }) => {
  const x = inputs.x!;
  const segmentIds = inputs.segmentIds!;
  const numSegments = attrs.numSegments as number;
  const inner = x.shape.slice(segmentIds.shape.length);
  const width = tf.util.sizeFromShape(inner);
  const out = backend.makeOutput([numSegments, ...inner], x.dtype);
  // Views of the heap are taken after makeOutput, because an allocation that grows the heap detaches older views.
  const sums = backend.typedArrayFromHeap(out);
  const values = backend.typedArrayFromHeap(x);
  const ids = backend.typedArrayFromHeap(segmentIds);
  sums.fill(0);
  for (let row = 0; row < ids.length; row++) {
    const segment = ids[row]!;
    if (segment < 0 || segment >= numSegments) continue;
    for (let column = 0; column < width; column++) {
      sums[segment * width + column]! += values[row * width + column]!;
    }
  }
  return out;
};
