/**
 * Reductions of the WebAssembly backend that add in double precision.
 *
 * TensorFlow.js's own kernels add one number after the other in single precision. Over the 49,152 tokens of a vocabulary that loses
 * 1.5e-4 of a log-probability, always in the same direction, and over the elements of a gradient up to 1e-3 of its norm. Here those
 * kernels add a few neighbours, and JavaScript the rest, in the backend's memory.
 */
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** A kernel of the WebAssembly backend. */
export type WasmKernel = (args: {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly backend: BackendWasm;
  readonly attrs: Record<string, unknown>;
}) => tf.TensorInfo;

type Numbers = Float32Array | Int32Array | Uint8Array;

/** Sums over axes. Integers keep the stock kernel, which is exact for them. */
export function sum(stock: WasmKernel): WasmKernel {
  return (args) => (args.inputs.x!.dtype === 'float32' ? reduce(args, stock, () => 1) : stock(args));
}

/** Means over axes, as float32; of no elements it is NaN. Takes the stock kernel of sums. */
export function mean(stockSum: WasmKernel): WasmKernel {
  return (args) => reduce(args, stockSum, (count) => count);
}

/** From this many classes on, the sum of the stock kernel, in twenty parts side by side, is less exact than single precision. */
const wideSoftmax = 512;

/** What a sum of probabilities may differ from 1. */
const closeToOne = 2e-7;

/**
 * Softmax over the last axis. The stock kernel is fast and its exponentials are exact, but the sum that it divides by is not; so what
 * it returns is divided by its own sum.
 */
export function softmax(stock: WasmKernel, stockSum: WasmKernel): WasmKernel {
  return (args) => {
    const out = stock(args);
    const classes = out.shape.at(-1) ?? 1;
    if (classes < wideSoftmax) return out;
    const sums = new Float64Array(tf.util.sizeFromShape(out.shape) / classes);
    sumRows(out, sums, args.backend, stockSum);
    const values = args.backend.typedArrayFromHeap(out) as Float32Array;
    sums.forEach((total, row) => {
      if (Math.abs(total - 1) < closeToOne) return;
      const scale = 1 / total;
      for (let index = row * classes; index < (row + 1) * classes; index++) values[index]! *= scale;
    });
    return out;
  };
}

/**
 * `out[s] = sum of x[i] over all i with segmentIds[i] = s`; ids outside 0 to numSegments - 1 are ignored, as in TensorFlow. The
 * backend has no such kernel; it is the gradient of `gather`, so of the embedding.
 */
export const unsortedSegmentSum: WasmKernel = ({ inputs, backend, attrs }) => {
  const x = inputs.x!;
  const segmentIds = inputs.segmentIds!;
  const numSegments = attrs.numSegments as number;
  const inner = x.shape.slice(segmentIds.shape.length);
  const width = tf.util.sizeFromShape(inner);
  const out = backend.makeOutput([numSegments, ...inner], x.dtype);
  // Views of the heap are taken after makeOutput, because an allocation that grows the heap detaches older views.
  const result = backend.typedArrayFromHeap(out);
  const values = backend.typedArrayFromHeap(x);
  const ids = backend.typedArrayFromHeap(segmentIds) as Int32Array;
  const rowsOf = new Map<number, number[]>();
  ids.forEach((id, row) => {
    if (id < 0 || id >= numSegments) return;
    const rows = rowsOf.get(id);
    if (rows === undefined) rowsOf.set(id, [row]);
    else rows.push(row);
  });
  result.fill(0);
  const sums = new Float64Array(width);
  for (const [segment, rows] of rowsOf) {
    sums.fill(0);
    for (const row of rows) addTo(sums, values, row * width);
    result.set(sums, segment * width);
  }
  return out;
};

/** Sums `x` over the axes in `attrs` and divides by `divisor(count)`, `count` being how many elements each sum has. */
function reduce(
  { inputs, backend, attrs }: Parameters<WasmKernel>[0],
  stockSum: WasmKernel,
  divisor: (count: number) => number,
): tf.TensorInfo {
  const given = inputs.x!;
  const axes = tf.util.parseAxisParam(attrs.axis as number[], given.shape);
  const kept = tf.backend_util.computeOutAndReduceShapes(given.shape, axes)[0];
  const x = withAxesTogether(given, axes, backend);
  const [outer, count, inner] = x.parts;
  const shape = attrs.keepDims === true ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
  const out = backend.makeOutput(shape, 'float32');
  const divideBy = divisor(count);
  const sums = new Float64Array(outer * inner);
  if (inner === 1) sumRows(x.info, sums, backend, stockSum);
  else sumColumns(backend.typedArrayFromHeap(x.info), sums, inner);
  const result = backend.typedArrayFromHeap(out) as Float32Array;
  for (let index = 0; index < result.length; index++) result[index] = sums[index]! / divideBy;
  if (x.info !== given) backend.disposeData(x.info.dataId);
  return out;
}

/** The tensor as `[outer, reduced, inner]`; transposed, with the reduced axes last, if these are not next to each other. */
function withAxesTogether(
  x: tf.TensorInfo,
  axes: readonly number[],
  backend: BackendWasm,
): { readonly info: tf.TensorInfo; readonly parts: readonly [outer: number, reduced: number, inner: number] } {
  const size = (from: number, to: number) => tf.util.sizeFromShape(x.shape.slice(from, to));
  const rank = x.shape.length;
  const first = axes[0] ?? rank;
  const end = first + axes.length;
  if (axes.every((axis, index) => axis === first + index)) {
    return { info: x, parts: [size(0, first), size(first, end), size(end, rank)] };
  }
  const others = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const transpose = tf.getKernel('Transpose', 'wasm').kernelFunc as unknown as WasmKernel;
  const info = transpose({ inputs: { x }, backend, attrs: { perm: [...others, ...axes] } });
  const product = (which: readonly number[]) => which.reduce((total, axis) => total * x.shape[axis]!, 1);
  return { info, parts: [product(others), product(axes), 1] };
}

/** So many neighbours, or the next smaller number that divides a row, are added in single precision. */
const neighbours = 16;

/**
 * From rows of this many elements on, the stock kernel adds the neighbours. How many rows there are does not count: a row's sum must
 * not depend on what else is in the batch, or policy and reference would differ before the first step.
 */
const worthStockKernel = 256;

/** The sums of the rows of a tensor, of which there are as many as `sums`. */
function sumRows(x: tf.TensorInfo, sums: Float64Array, backend: BackendWasm, stockSum: WasmKernel): void {
  const size = tf.util.sizeFromShape(x.shape);
  const count = size / sums.length;
  let width = neighbours;
  while (width > 1 && count % width !== 0) width--;
  if (count < worthStockKernel || width < neighbours / 4 || x.dtype !== 'float32') {
    const values = backend.typedArrayFromHeap(x);
    for (let row = 0; row < sums.length; row++) sums[row] = sumOf(values, row * count, (row + 1) * count);
    return;
  }
  const blocks = { ...x, shape: [size / width, width] };
  const partial = stockSum({ inputs: { x: blocks }, backend, attrs: { axis: [1], keepDims: false } });
  const values = backend.typedArrayFromHeap(partial) as Float32Array;
  const perRow = count / width;
  for (let row = 0; row < sums.length; row++) sums[row] = sumOf(values, row * perRow, (row + 1) * perRow);
  backend.disposeData(partial.dataId);
}

/** `sums[outer, inner] = sum over the middle axis of values[outer, middle, inner]` */
function sumColumns(values: Numbers, sums: Float64Array, inner: number): void {
  const outer = sums.length / inner;
  const size = values.length / outer;
  for (let row = 0; row < outer; row++) {
    const ofRow = sums.subarray(row * inner, (row + 1) * inner);
    for (let start = row * size; start < (row + 1) * size; start += inner) addTo(ofRow, values, start);
  }
}

/** The sum of the elements from `start` to before `end`, in four parts, because one sum would wait for its own last addition. */
function sumOf(values: Numbers, start: number, end: number): number {
  let [first, second, third, fourth] = [0, 0, 0, 0];
  let index = start;
  for (; index + 4 <= end; index += 4) {
    first += values[index]!;
    second += values[index + 1]!;
    third += values[index + 2]!;
    fourth += values[index + 3]!;
  }
  for (; index < end; index++) first += values[index]!;
  return first + second + (third + fourth);
}

/** Adds the row of `values` that begins at `start`. */
function addTo(sums: Float64Array, values: Numbers, start: number): void {
  for (let column = 0; column < sums.length; column++) sums[column]! += values[start + column]!;
}
