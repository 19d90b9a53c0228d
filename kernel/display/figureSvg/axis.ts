/** Axes: what kind they are, where a value lies on them, and their ticks. */
import { fieldsOf, formatNumber, listOf, nameOf, numberOf, textOf, type Fields } from './fields.js';

export type AxisKind = 'linear' | 'log' | 'date' | 'category';

export interface Axis {
  /** As traces name it: `x`, `y2`. */
  readonly id: string;
  readonly letter: 'x' | 'y';
  readonly options: Fields;
  readonly kind: AxisKind;
  /** Places of categories, by name and in order; empty on other axes. */
  readonly categories: ReadonlyMap<string, number>;
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** From the numbers of an axis (`numberOn`) to pixels. */
export type Scale = (value: number) => number;

const dateLike = /^\d{4}-\d{2}(-\d{2})?([T ]\d{2}:\d{2}|$)/;

/** An axis for these values, of the kind that the layout says or that suits the values. */
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

/** A value as the number that is drawn: a logarithm, milliseconds, a category's place; NaN of what has no place. */
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

/** Times without a zone are taken and shown as UTC, so that a picture is the same on every machine. */
const zoned = (text: string) => (/[T ]\d{2}:\d{2}[\d:.]*$/.test(text) ? `${text.replace(' ', 'T')}Z` : text);

export interface Extent {
  readonly low: number;
  readonly high: number;
  /** Share of the span to leave free at the ends; never below a bar's foot. */
  readonly padding: number;
  readonly fromZero: boolean;
}

/** The range to draw, from first to last pixel: reversed axes begin with their largest. */
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

/** Ticks inside the range; about one every `spacing` pixels. */
export function ticksOf(
  axis: Axis,
  range: readonly [number, number],
  pixels: number,
  spacing: number,
): readonly Tick[] {
  const { options, kind } = axis;
  const [low, high] = [Math.min(...range), Math.max(...range)];
  const wanted = Math.max(2, Math.min(numberOf(options.nticks, Infinity), Math.floor(pixels / spacing)));
  const given = listOf(options.tickvals);
  const ticks =
    given.length > 0
      ? given.map((value, index): Tick => ({
          at: numberOn(axis, value),
          label: textOf(listOf(options.ticktext)[index], nameOf(value)),
        }))
      : tickers[kind](axis, low, high, wanted);
  const slack = (high - low) * 1e-6;
  return ticks.filter(({ at }) => at >= low - slack && at <= high + slack);
}

type Ticker = (axis: Axis, low: number, high: number, wanted: number) => readonly Tick[];

const tickers = {
  linear({ options }, low, high, wanted) {
    const step = numberOf(options.dtick, niceStep((high - low) / wanted));
    const format = textOf(options.tickformat, '');
    const decimals = Math.max(0, Math.min(12, -Math.floor(Math.log10(step) + 1e-9)));
    return steps(low, high, step, numberOf(options.tick0, 0)).map((at) => ({
      at,
      label: `${textOf(options.tickprefix, '')}${format === '' ? plainNumber(at, step, decimals) : formatNumber(at, format)}${textOf(options.ticksuffix, '')}`,
    }));
  },
  log({ options }, low, high, wanted) {
    const step = Math.max(1, numberOf(options.dtick, Math.ceil((high - low) / wanted)));
    const between = high - low < 2 ? [1, 2, 5] : [1];
    const powers = steps(Math.floor(low), high, step, 0);
    return powers.flatMap((power) =>
      between.map((factor): Tick => ({ at: power + Math.log10(factor), label: powerLabel(factor, power) })),
    );
  },
  date(_axis, low, high, wanted) {
    const unit = dateUnits.find(({ size }) => (high - low) / size <= wanted) ?? dateUnits.at(-1)!;
    return dateTicks(unit, low, high).map((at) => ({
      at,
      label: new Date(at)
        .toISOString()
        .slice(...unit.label)
        .replace('T', ' '),
    }));
  },
  category({ categories }, low, high, wanted) {
    const shown = Math.min(categories.size, Math.floor(high) - Math.ceil(low) + 1);
    // Names that stand close are turned; left out they are only where they would lie upon each other.
    const every = Math.max(1, Math.ceil(shown / (3 * wanted)));
    return [...categories].filter(([, at]) => at % every === 0).map(([label, at]) => ({ at, label }));
  },
} satisfies Record<AxisKind, Ticker>;

function steps(low: number, high: number, step: number, origin: number): number[] {
  const first = Math.ceil((low - origin) / step - 1e-9);
  const count = Math.min(200, Math.floor((high - origin) / step + 1e-9) - first + 1);
  return Array.from({ length: Math.max(0, count) }, (_, index) => origin + (first + index) * step);
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10) * power;
}

function plainNumber(value: number, step: number, decimals: number): string {
  const clean = Math.abs(value) < step * 1e-9 ? 0 : value;
  const text =
    Math.abs(clean) >= 1e15 || (clean !== 0 && step < 1e-6)
      ? Number(clean.toPrecision(6)).toExponential()
      : Math.abs(clean) >= 1e4
        ? formatNumber(clean, 's')
        : clean.toFixed(Number.isInteger(Number(clean.toFixed(decimals))) && step >= 1 ? 0 : decimals);
  return text.replace('-', '\u2212');
}

function powerLabel(factor: number, power: number): string {
  const value = factor * 10 ** power;
  return power >= -3 && power <= 4
    ? String(Number(value.toPrecision(6)))
    : `${factor === 1 ? '' : `${factor}·`}10<sup>${power}</sup>`;
}

const [second, minute, hour, day] = [1e3, 6e4, 36e5, 864e5];

/** Steps of time, and which part of an ISO date is their label. */
const dateUnits: readonly { size: number; months?: number; label: [number, number] }[] = [
  { size: second, label: [11, 19] },
  { size: 10 * second, label: [11, 19] },
  { size: minute, label: [11, 16] },
  { size: 10 * minute, label: [11, 16] },
  { size: hour, label: [5, 16] },
  { size: 6 * hour, label: [5, 16] },
  { size: day, label: [0, 10] },
  { size: 2 * day, label: [0, 10] },
  { size: 7 * day, label: [0, 10] },
  { size: 30.4 * day, months: 1, label: [0, 7] },
  { size: 91.3 * day, months: 3, label: [0, 7] },
  { size: 365.25 * day, months: 12, label: [0, 4] },
  { size: 5 * 365.25 * day, months: 60, label: [0, 4] },
  { size: 20 * 365.25 * day, months: 240, label: [0, 4] },
  { size: 100 * 365.25 * day, months: 1200, label: [0, 4] },
];

function dateTicks({ size, months }: (typeof dateUnits)[number], low: number, high: number): number[] {
  if (months === undefined) return steps(low, high, size, 0);
  const start = new Date(low);
  const first = Math.ceil((start.getUTCFullYear() * 12 + start.getUTCMonth()) / months);
  const count = Math.min(200, Math.ceil((high - low) / size) + 1);
  return Array.from({ length: count }, (_, index) => dateOfMonth((first + index) * months));
}

function dateOfMonth(month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(Math.floor(month / 12), month % 12, 1);
  return date.getTime();
}

/** The part of its figure that an axis takes up, from 0 to 1. */
export function domainOf(options: Fields): readonly [number, number] {
  const [from, to] = listOf(options.domain).map((end) => numberOf(end, undefined));
  return [from ?? 0, to ?? 1];
}

/** `x2` is `xaxis2` in a layout. */
export const layoutName = (id: string) => `${id.charAt(0)}axis${id.slice(1)}`;

export const axisOptions = (layout: Fields, id: string) => fieldsOf(layout[layoutName(id)]);
