/** Tensors: shape, type, statistics, a few values and a small heat map. A million numbers are never printed. */
import { inspect } from 'node:util';
import { escapeHtml } from '../../src/core/html.js';
import type { MimeBundle } from '../../src/core/display.js';
import { heatMap } from './heatMap.js';
import type { Renderer } from './renderer.js';

/** The values of a tensor, row by row; for complex64 real and imaginary parts in turn. */
export type TensorValues = ArrayLike<number | string>;

/** The parts of a TensorFlow.js tensor that are read. This room does not load TensorFlow.js, so that the kernel starts fast. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly size: number;
  readonly isDisposed: boolean;
  /** Reads the values. Throws if the backend can read only asynchronously. */
  dataSync(): TensorValues;
  /** Reads the values; every backend can do this. */
  data(): Promise<TensorValues>;
}

declare module './renderer.js' {
  interface RenderedTypes {
    tensor: TensorLike;
  }
}

/** Statistics of a tensor's values. */
export interface Statistics {
  /** Of the finite values; `undefined` if there are none. */
  readonly finite:
    | { readonly minimum: number; readonly mean: number; readonly maximum: number; readonly deviation: number }
    | undefined;
  readonly nans: number;
  readonly infinities: number;
}

/** Up to this many values are shown in full, nested by the shape. */
const fewValues = 64;
const previewValues = 8;
const longestText = 100;

/**
 * Text: `Tensor float32 [2, 2]`, statistics, values. HTML: the same, with a heat map. If the backend can't read synchronously,
 * a promise; `display` then shows the first line until the values are there.
 */
export const tensorRenderer: Renderer<TensorLike> = {
  matches(value): value is TensorLike {
    return (
      typeof value === 'object' &&
      value !== null &&
      'dataId' in value &&
      'shape' in value &&
      'dtype' in value &&
      'dataSync' in value
    );
  },
  render(tensor) {
    // Before the read: the cell may dispose the tensor meanwhile.
    const head = headOf(tensor);
    if (!hasValues(tensor)) return { 'text/plain': head };
    const show = (data: TensorValues) => bundleOf(tensor, head, data);
    const data = readSync(tensor);
    return data === undefined ? tensor.data().then(show) : show(data);
  },
  placeholder: (tensor) => ({ 'text/plain': `${headOf(tensor)} ...` }),
};

/** The tensor as text, for `inspect` and so for `console.log`, which can't wait for an asynchronous read. */
export function tensorText(tensor: TensorLike): string {
  if (!hasValues(tensor)) return headOf(tensor);
  const data = readSync(tensor);
  if (data === undefined)
    return `${headOf(tensor)} (this backend reads asynchronously: display(tensor) shows the values)`;
  const { facts, body } = partsOf(tensor, data);
  return `${headOf(tensor)}${facts}\n${body}`;
}

const hasValues = ({ isDisposed, size }: TensorLike) => !isDisposed && size > 0;

function headOf({ dtype, shape, isDisposed, size }: TensorLike): string {
  const head = `Tensor ${dtype} [${shape.join(', ')}]`;
  return isDisposed ? `${head} (disposed: its memory is freed)` : size === 0 ? `${head} (empty)` : head;
}

/** The values, or undefined if the backend can't read them now. Other errors come again in the asynchronous read. */
function readSync(tensor: TensorLike): TensorValues | undefined {
  try {
    return tensor.dataSync();
  } catch {
    return undefined;
  }
}

function bundleOf(tensor: TensorLike, head: string, data: TensorValues): MimeBundle {
  const { facts, body, numbers } = partsOf(tensor, data);
  const title = `<div><b>${escapeHtml(head)}</b>${escapeHtml(facts)}</div>`;
  const picture = numbers === undefined ? '' : drawing(tensor, numbers);
  return {
    'text/plain': `${head}${facts}\n${body}`,
    'text/html': `${title}${picture}<pre>${escapeHtml(body)}</pre>`,
  };
}

/** Statistics and values in words, and the numbers of the heat map. A single value has neither statistics nor a heat map. */
function partsOf(tensor: TensorLike, data: TensorValues) {
  const numbers = tensor.size === 1 ? undefined : numbersOf(tensor, data);
  const facts = numbers === undefined ? '' : describe(numbers, tensor.dtype === 'complex64' ? 'modulus ' : '');
  return { facts, body: preview(tensor, data), numbers };
}

/** The numbers of statistics and heat map: the values, or the moduli of complex numbers. Undefined for strings. */
function numbersOf({ dtype, size }: TensorLike, data: TensorValues): ArrayLike<number> | undefined {
  if (dtype === 'string') return undefined;
  if (dtype !== 'complex64') return data as ArrayLike<number>;
  return Float64Array.from({ length: size }, (_, index) => Math.hypot(+data[2 * index]!, +data[2 * index + 1]!));
}

/** Minimum, mean, maximum and population standard deviation of the finite values, and the counts of the others. */
export function statisticsOf(values: ArrayLike<number>): Statistics {
  // TensorFlow.js returns typed arrays, and plain arrays on some backends: both are iterable.
  const iterable = values as Float32Array;
  let [minimum, maximum, sum, nans, infinities] = [Infinity, -Infinity, 0, 0, 0];
  for (const value of iterable) {
    if (Number.isFinite(value)) {
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
      sum += value;
    } else if (Number.isNaN(value)) nans += 1;
    else infinities += 1;
  }
  const count = values.length - nans - infinities;
  if (count === 0) return { finite: undefined, nans, infinities };
  const mean = sum / count;
  let squares = 0;
  for (const value of iterable) {
    if (Number.isFinite(value)) squares += (value - mean) ** 2;
  }
  return { finite: { minimum, mean, maximum, deviation: Math.sqrt(squares / count) }, nans, infinities };
}

function describe(values: ArrayLike<number>, what: string): string {
  const { finite, nans, infinities } = statisticsOf(values);
  const range =
    finite === undefined
      ? []
      : [
          `${what}min ${short(finite.minimum)}`,
          `mean ${short(finite.mean)}`,
          `max ${short(finite.maximum)}`,
          `std ${short(finite.deviation)}`,
        ];
  const rest = [...(nans > 0 ? [`${nans} NaN`] : []), ...(infinities > 0 ? [`${infinities} infinite`] : [])];
  return ['', ...range, ...rest].join('  ');
}

/** A heat map of the last two dimensions. If there are several such matrices, the first is drawn, and the caption says so. */
function drawing({ shape }: TensorLike, values: ArrayLike<number>): string {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.at(-2) ?? 1;
  const first = [...shape.slice(0, -2).map(() => 0), ':', ':'].join(', ');
  const { svg, legend } = heatMap({ values, offset: 0, rows, columns });
  const caption = [...(shape.length > 2 ? [`first matrix [${first}]`] : []), legend]
    .filter((part) => part !== '')
    .join('; ');
  return `<div>${svg}<br><small>${escapeHtml(caption)}</small></div>`;
}

function preview({ shape, dtype, size }: TensorLike, data: TensorValues): string {
  const valueAt = (index: number) =>
    dtype === 'complex64' ? complex(+data[2 * index]!, +data[2 * index + 1]!) : shorten(data[index]!);
  if (size <= fewValues)
    return inspect(
      nest(
        Array.from({ length: size }, (_, index) => valueAt(index)),
        shape,
      ),
      { depth: 8 },
    );
  const first = Array.from({ length: previewValues }, (_, index) => inspect(valueAt(index)));
  return `[ ${first.join(', ')}, ... ${size - previewValues} more values ]`;
}

/** A complex number that `inspect` prints as `1-2i`, without quotes. */
const complex = (real: number, imaginary: number) => ({
  [inspect.custom]: () => `${short(real)}${imaginary < 0 ? '-' : '+'}${short(Math.abs(imaginary))}i`,
});

const short = (value: number) => String(Number(value.toPrecision(6)));
const shorten = (value: number | string) =>
  typeof value === 'number'
    ? Number(value.toPrecision(6))
    : value.length > longestText
      ? `${value.slice(0, longestText)}…`
      : value;

function nest(values: readonly unknown[], shape: readonly number[]): unknown {
  const [length, ...rest] = shape;
  if (length === undefined) return values[0];
  const step = length === 0 ? 0 : values.length / length;
  return Array.from({ length }, (_, index) => nest(values.slice(index * step, (index + 1) * step), rest));
}
