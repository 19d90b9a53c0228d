/** Tensors: shape, type, range and mean, and a few values; a million numbers are never printed. */
import { inspect } from 'node:util';
import { escapeHtml, type MimeBundle } from './bundle.js';

/** What is used of a TensorFlow.js tensor; told by its shape, because this room doesn't load TensorFlow.js. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly size: number;
  readonly isDisposed: boolean;
  dataSync(): ArrayLike<number | string>;
}

/** Up to this many values are shown in full, nested as the shape says. */
const fewValues = 64;
const previewValues = 8;

export function isTensor(value: unknown): value is TensorLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    'dataId' in value &&
    'shape' in value &&
    'dtype' in value &&
    'dataSync' in value
  );
}

/** `Tensor float32 [2, 2]`, then minimum, mean and maximum, then values. */
export function renderTensor(tensor: TensorLike): MimeBundle {
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  if (tensor.isDisposed) return { 'text/plain': `${head} (disposed: its memory is freed)` };
  const values = tensor.dataSync();
  const statistics = describe(tensor, values);
  const body = preview(tensor, values);
  return {
    'text/plain': [head + statistics, body].join('\n'),
    'text/html': `<div><b>${escapeHtml(head)}</b>${escapeHtml(statistics)}</div><pre>${escapeHtml(body)}</pre>`,
  };
}

function describe({ dtype }: TensorLike, values: ArrayLike<number | string>): string {
  if (dtype === 'string' || dtype === 'complex64' || values.length === 0) return '';
  let [minimum, maximum, sum] = [Infinity, -Infinity, 0];
  for (const each of Array.isArray(values) ? (values as (number | string)[]) : (values as Float32Array)) {
    const value = Number(each);
    // Not Math.min: it must also keep NaN, which is what one looks for here.
    if (!(value >= minimum)) minimum = value;
    if (!(value <= maximum)) maximum = value;
    sum += value;
  }
  return `  min ${short(minimum)}  mean ${short(sum / values.length)}  max ${short(maximum)}`;
}

function preview({ shape, dtype }: TensorLike, values: ArrayLike<number | string>): string {
  // A complex tensor's data has two numbers a value, real and imaginary.
  const nestedShape = dtype === 'complex64' ? [...shape, 2] : shape;
  if (values.length <= fewValues) return inspect(nest(Array.from(values, shorten), nestedShape), { depth: 8 });
  const first = Array.from({ length: previewValues }, (_, index) => inspect(shorten(values[index]!)));
  return `[ ${first.join(', ')}, ... ${values.length - previewValues} more values ]`;
}

const short = (value: number) => String(shorten(value));
const shorten = (value: number | string) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);

function nest(values: readonly unknown[], shape: readonly number[]): unknown {
  const [length, ...rest] = shape;
  if (length === undefined) return values[0];
  const step = length === 0 ? 0 : values.length / length;
  return Array.from({ length }, (_, index) => nest(values.slice(index * step, (index + 1) * step), rest));
}
