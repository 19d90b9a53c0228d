/** Tensors: shape, type, statistics, a few values and a small heat map; a million numbers are never printed. */
import { inspect } from 'node:util';
import { escapeHtml } from '../../src/core/html.js';
import type { MimeBundle } from '../../src/core/display.js';
import { heatMap } from './heatMap.js';

/** What is used of a TensorFlow.js tensor; told by its shape, because this room doesn't load TensorFlow.js. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly size: number;
  readonly isDisposed: boolean;
  dataSync(): ArrayLike<number | string>;
}

export interface Statistics {
  /** Of the finite values; `undefined` where there is none. */
  readonly finite:
    | { readonly minimum: number; readonly mean: number; readonly maximum: number; readonly deviation: number }
    | undefined;
  readonly nans: number;
  readonly infinities: number;
}

/** Up to this many values are shown in full, nested as the shape says. */
const fewValues = 64;
const previewValues = 8;
const longestText = 100;

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

/** `Tensor float32 [2, 2]`, then statistics, then values; in HTML a heat map stands between them. */
export function renderTensor(tensor: TensorLike): MimeBundle {
  const { head, facts, body, numbers } = partsOf(tensor);
  if (body === '') return { 'text/plain': head };
  const text = { 'text/plain': `${head}${facts}\n${body}` };
  const picture = numbers === undefined || tensor.size === 1 ? '' : drawing(tensor, numbers);
  const title = `<b>${escapeHtml(head)}</b>${escapeHtml(facts)}`;
  return { ...text, 'text/html': `<div>${title}</div>${picture}<pre>${escapeHtml(body)}</pre>` };
}

/** The text alone, for `console.log`. */
export function tensorText(tensor: TensorLike): string {
  const { head, facts, body } = partsOf(tensor);
  return body === '' ? head : `${head}${facts}\n${body}`;
}

function partsOf(tensor: TensorLike) {
  const title = `Tensor ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  const nothing = { facts: '', body: '', numbers: undefined };
  if (tensor.isDisposed) return { head: `${title} (disposed: its memory is freed)`, ...nothing };
  if (tensor.size === 0) return { head: `${title} (empty)`, ...nothing };
  const data = tensor.dataSync();
  const numbers = numbersOf(tensor, data);
  // Of a single value its statistics are only that value again.
  const facts =
    numbers === undefined || tensor.size === 1 ? '' : describe(numbers, tensor.dtype === 'complex64' ? 'modulus ' : '');
  return { head: title, facts, body: preview(tensor, data), numbers };
}

/** What can be counted and coloured: the values, of complex numbers their moduli, of strings nothing. */
function numbersOf({ dtype, size }: TensorLike, data: ArrayLike<number | string>): ArrayLike<number> | undefined {
  if (dtype === 'string') return undefined;
  if (dtype !== 'complex64') return data as ArrayLike<number>;
  return Float64Array.from({ length: size }, (_, index) => Math.hypot(+data[2 * index]!, +data[2 * index + 1]!));
}

/** Minimum, mean, maximum and the population's standard deviation of what is finite, and how much is not. */
export function statisticsOf(values: ArrayLike<number>): Statistics {
  // TensorFlow.js gives typed arrays, and plain arrays from some backends: both can be iterated.
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

/** The last two dimensions are a matrix; of more than one matrix the first is drawn, and the caption says so. */
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

function preview({ shape, dtype, size }: TensorLike, data: ArrayLike<number | string>): string {
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

/** `1-2i`, printed without quotes. */
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
