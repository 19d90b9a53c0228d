/**
 * The kernels that TensorFlow.js's WebAssembly backend needs to train a language model.
 *
 * - `BatchMatMul` uses its fast path (XNNPACK) only for a single product without transposes; all others run in a scalar loop that
 *   is ten times slower. Here, transposes are computed first, and large batched products run one after the other. Long inner axes
 *   are added in blocks.
 * - `UnsortedSegmentSum` is missing. Without it, `gather` (the embedding look-up) has no gradient.
 * - `Sum`, `Mean` and `Softmax` lose digits over long axes; wasmReductions.ts has those that do not.
 * - `Identity` copies its tensor. TensorFlow.js calls it for every tensor that a gradient needs, weights included. Here, both
 *   tensors share the memory, as on other backends.
 */
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { mean, softmax, sum, unsortedSegmentSum, type WasmKernel } from './wasmReductions.js';

/**
 * From this many multiply-adds on, each product of a batch gets a call of its own, on views. Measured against the stock kernel on 64 items:
 * 1.4 times as fast at 20x16x20, 4 times at 28x16x28, 8 times at 64x32x64.
 */
const worthOneCall = 5_000;

/** From twice this inner size on, a product is computed in blocks of it. */
const innerBlock = 2_048;

// The declared type does not say that a kernel may be missing.
const registered = (name: string) => tf.getKernel(name, 'wasm') as tf.KernelConfig | undefined;

/** The kernels that are replaced, each made from the stock one and the stock one of sums. */
const replacements: Readonly<Record<string, (stock: WasmKernel, stockSum: WasmKernel) => WasmKernel>> = {
  BatchMatMul: batchMatMul,
  Identity: () => identity,
  Sum: sum,
  Mean: (_, stockSum) => mean(stockSum),
  Softmax: softmax,
};

/**
 * Replaces the kernels of the table and adds UnsortedSegmentSum. The backend may run already or start later. Called again, it does
 * nothing.
 *
 * @throws Error if the backend lacks one of the kernels, which means that its version changed.
 */
export function fixWasmKernels(): void {
  if (registered('UnsortedSegmentSum') !== undefined) return;
  const stockSum = stockKernel('Sum').kernelFunc as unknown as WasmKernel;
  for (const [kernelName, replace] of Object.entries(replacements)) {
    const stock = stockKernel(kernelName);
    const kernelFunc = replace(stock.kernelFunc as unknown as WasmKernel, stockSum) as unknown as tf.KernelFunc;
    tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({ ...stock, kernelFunc });
  }
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: unsortedSegmentSum as unknown as tf.KernelFunc,
  });
}

function stockKernel(name: string): tf.KernelConfig {
  const stock = registered(name);
  if (stock === undefined) throw new Error(`The WebAssembly backend has no kernel ${name}; its version changed.`);
  return stock;
}

/** The product of `a` `[..., m, k]` and `b` `[..., k, n]`; calls the stock kernel with inputs for which it is fast. */
function batchMatMul(stock: WasmKernel): WasmKernel {
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

function multiplyStraight(stock: WasmKernel, a: tf.TensorInfo, b: tf.TensorInfo, backend: BackendWasm): tf.TensorInfo {
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape.at(-1)!;
  const outer = a.shape.slice(0, -2);
  const batch = tf.util.sizeFromShape(outer);
  const sameOuter = tf.util.arraysEqual(outer, b.shape.slice(0, -2));
  const isLong = k >= 2 * innerBlock;
  if (!sameOuter || m * k * n < worthOneCall) {
    return stock({ inputs: { a, b }, backend, attrs: { transposeA: false, transposeB: false } });
  }
  // XNNPACK packs a copy of each second matrix and keeps it as long as the tensor lives; that of a view is freed with the view.
  const out = backend.makeOutput([...outer, m, n], 'float32');
  for (let item = 0; item < batch; item++) {
    const matrices = [
      { whole: a, offset: item * m * k, shape: [m, k] },
      { whole: b, offset: item * k * n, shape: [k, n] },
      { whole: out, offset: item * m * n, shape: [m, n] },
    ] as const;
    (isLong ? multiplyInBlocks : multiply)(backend, ...matrices);
  }
  return out;
}

/** A part of a tensor, as a matrix. */
interface Matrix {
  readonly whole: tf.TensorInfo;
  /** The index of its first element in the tensor. */
  readonly offset: number;
  readonly shape: readonly [rows: number, columns: number];
}

/** `out = a b`, without copying the parts. */
function multiply(backend: BackendWasm, ...matrices: readonly [a: Matrix, b: Matrix, out: Matrix]): void {
  const views = matrices.map(({ whole, offset, shape }) => view(backend, whole, offset, shape)) as [View, View, View];
  multiplyViews(backend, ...views);
  for (const { id } of views) backend.wasm.tfjs.disposeData(id);
}

/**
 * `out = a b` as the sum over blocks of the inner axis. XNNPACK adds along that axis one product after the other in single
 * precision, which over a vocabulary (the gradient of the head's input) loses up to 1e-3.
 */
function multiplyInBlocks(backend: BackendWasm, a: Matrix, b: Matrix, out: Matrix): void {
  const [m, k] = a.shape;
  const n = b.shape[1];
  const columns = backend.makeOutput([m * innerBlock], 'float32');
  const product = backend.makeOutput([m * n], 'float32');
  const sums = new Float64Array(m * n);
  // Views of the heap are taken anew in each turn, because a product may grow the heap, which detaches them.
  const numbers = (of: tf.TensorInfo) => backend.typedArrayFromHeap(of) as Float32Array;
  for (let start = 0; start < k; start += innerBlock) {
    const width = Math.min(innerBlock, k - start);
    const [from, to] = [numbers(a.whole), numbers(columns)];
    for (let row = 0; row < m; row++) {
      const first = a.offset + row * k + start;
      to.set(from.subarray(first, first + width), row * width);
    }
    multiply(
      backend,
      { whole: columns, offset: 0, shape: [m, width] },
      { whole: b.whole, offset: b.offset + start * n, shape: [width, n] },
      { whole: product, offset: 0, shape: [m, n] },
    );
    const part = numbers(product);
    for (let index = 0; index < sums.length; index++) sums[index]! += part[index]!;
  }
  numbers(out.whole).set(sums, out.offset);
  for (const { dataId } of [columns, product]) backend.disposeData(dataId);
}

interface View {
  readonly id: number;
  readonly shape: readonly [number, number];
}

// The backend numbers its own tensors from 0; views have numbers that it does not reach.
let nextViewId = 2 ** 30;

/** Registers a part of a tensor's memory as a matrix, without copying it. */
function view(backend: BackendWasm, whole: tf.TensorInfo, offset: number, shape: View['shape']): View {
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
  const transpose = tf.getKernel('Transpose', 'wasm').kernelFunc as unknown as WasmKernel;
  return transpose({ inputs: { x }, backend, attrs: { perm } });
}

/** A tensor with the same memory; the backend frees it when the last of them is disposed. */
const identity: WasmKernel = ({ inputs, backend }) => {
  const { dataId, shape, dtype } = inputs.x!;
  backend.incRef(dataId);
  return { dataId, shape, dtype };
};
