/** Axes: their kind, the number of a value on them, and their range. */
import { fieldsOf, listOf, nameOf, numberOf, textOf, type Fields } from './fields.js';

/** How an axis turns values into numbers: as they are, as logarithms, as milliseconds since 1970, or by category. */
export type AxisKind = 'linear' | 'log' | 'date' | 'category';

/** One axis of a figure. */
export interface Axis {
  /** The name that traces use: `x`, `y2`. */
  readonly id: string;
  readonly letter: 'x' | 'y';
  /** The layout's `xaxis`, `yaxis2` and so on. */
  readonly options: Fields;
  readonly kind: AxisKind;
  /** The number of each category, in order; empty on axes of another kind. */
  readonly categories: ReadonlyMap<string, number>;
}

/** Turns numbers of an axis (`numberOn`) into pixels. */
export type Scale = (value: number) => number;

const dateLike = /^\d{4}-\d{2}(-\d{2})?([T ]\d{2}:\d{2}|$)/;

/** An axis for these values. Its kind is the one in the layout, or else the one that fits all values. */
export function createAxis(id: string, options: Fields, values: readonly unknown[]): Axis {
  const present = values.filter((value) => value !== null && value !== undefined);
  const said = textOf(options.type, '');
  const numeric = present.every((value) => numberOf(value, undefined) !== undefined || typeof value === 'boolean');
  const dated = present.length > 0 && present.every((value) => typeof value === 'string' && dateLike.test(value));
  const kind =
    (['linear', 'log', 'date', 'category'] as const).find((each) => each === said) ??
    (numeric ? 'linear' : dated ? 'date' : 'category');
  const given = listOf(options.categoryarray).map(nameOf);
  const names = kind === 'category' ? [...new Set([...given, ...present.map(nameOf)])] : [];
  const categories = new Map(names.map((name, place) => [name, place]));
  return { id, letter: id.startsWith('x') ? 'x' : 'y', options, kind, categories };
}

/** A value as the number that is drawn: a logarithm, milliseconds, the index of a category. NaN if it has none. */
export function numberOn({ kind, categories }: Axis, value: unknown): number {
  if (value === null || value === undefined) return NaN;
  const places = {
    linear: () => (typeof value === 'boolean' ? Number(value) : numberOf(value, NaN)),
    log: () => Math.log10(numberOf(value, NaN)),
    date: () => (typeof value === 'number' ? value : Date.parse(zoned(nameOf(value)))),
    category: () => categories.get(nameOf(value)) ?? (typeof value === 'number' ? value : NaN),
  } satisfies Record<AxisKind, () => number>;
  const number = places[kind]();
  return Number.isFinite(number) ? number : NaN;
}

/** The values of a trace as numbers of an axis; an empty list if they are not a list. */
export const numbersOn = (axis: Axis, values: unknown) => listOf(values).map((value) => numberOn(axis, value));

/** Times without a zone are read as UTC, so that a picture is the same on every machine. */
const zoned = (text: string) => (/[T ]\d{2}:\d{2}[\d:.]*$/.test(text) ? `${text.replace(' ', 'T')}Z` : text);

/** The numbers that a mark covers on an axis. */
export interface Extent {
  readonly low: number;
  readonly high: number;
  /** Share of the span that stays free at both ends, except at the foot of bars. */
  readonly padding: number;
  /** True for bars: the range then includes zero. */
  readonly fromZero: boolean;
}

/** The numbers at the first and at the last pixel; on reversed axes the larger one is first. */
export function rangeOf({ options, kind }: Axis, extents: readonly Extent[]): readonly [number, number] {
  const [first, last] = listOf(options.range).map((end) => rangeEnd(kind, end));
  if (first !== undefined && last !== undefined && Number.isFinite(first) && first !== last) return [first, last];
  let low = Math.min(...extents.map((extent) => extent.low));
  let high = Math.max(...extents.map((extent) => extent.high));
  if (!(low <= high)) [low, high] = [0, 1];
  const mode = textOf(options.rangemode, '');
  const isZeroed = mode === 'tozero' || (extents.some(({ fromZero }) => fromZero) && kind === 'linear');
  if (isZeroed) [low, high] = [Math.min(0, low), Math.max(0, high)];
  if (low === high)
    [low, high] =
      kind === 'linear' ? [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2] : [low - 0.5, high + 0.5];
  const padding = Math.max(0, ...extents.map((extent) => extent.padding)) * (high - low);
  const from = isZeroed && low === 0 ? 0 : low - padding;
  const to = isZeroed && high === 0 ? 0 : high + padding;
  return String(options.autorange).includes('reversed') ? [to, from] : [from, to];
}

function rangeEnd(kind: AxisKind, end: unknown): number {
  return kind === 'date' && typeof end === 'string' ? Date.parse(zoned(end)) : numberOf(end, NaN);
}

/** The part of the plot that an axis covers: start and end, from 0 to 1. */
export function domainOf(options: Fields): readonly [number, number] {
  const [from, to] = listOf(options.domain).map((end) => numberOf(end, undefined));
  return [from ?? 0, to ?? 1];
}

/** The field of a layout for an axis: `xaxis2` for `x2`. */
export const layoutName = (id: string) => `${id.charAt(0)}axis${id.slice(1)}`;

/** What a layout says about an axis; no fields if it says nothing. */
export const axisOptions = (layout: Fields, id: string) => fieldsOf(layout[layoutName(id)]);
