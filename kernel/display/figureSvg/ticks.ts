/** The ticks of an axis: their positions and labels. */
import { numberOn, type Axis, type AxisKind } from './axis.js';
import { formatNumber, listOf, nameOf, numberOf, textOf } from './fields.js';

/** A tick: its number on the axis, and its label. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** The ticks inside the range: those of the layout (`tickvals`), or else about one per `spacing` pixels. */
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
    // Close names are rotated (geometry.ts), so names are left out only if even rotated ones would overlap.
    const every = Math.max(1, Math.ceil(shown / (3 * wanted)));
    return [...categories].filter(([, at]) => at % every === 0).map(([label, at]) => ({ at, label }));
  },
} satisfies Record<AxisKind, Ticker>;

function steps(low: number, high: number, step: number, origin: number): number[] {
  const first = Math.ceil((low - origin) / step - 1e-9);
  const count = Math.min(200, Math.floor((high - origin) / step + 1e-9) - first + 1);
  return Array.from({ length: Math.max(0, count) }, (_, index) => origin + (first + index) * step);
}

/** The smallest number that is at least `least` and 1, 2 or 5 times a power of ten. */
export function niceStep(least: number): number {
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

/** Steps between dates, in milliseconds, and the part of an ISO date that is their label. */
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
