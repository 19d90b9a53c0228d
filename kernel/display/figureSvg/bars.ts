/** Bars, histograms and boxes: what stands at a place of one axis and reaches along the other. */
import { numberOn, type Axis } from './axis.js';
import { fieldsOf, fillTemplate, itemOf, listOf, nameOf, numberOf, textOf, type Fields } from './fields.js';
import type { Mark } from './marks.js';
import type { TraceContext } from './traces.js';

/** A trace's share of the room around each place. */
export interface Slot {
  /** From the place to the middle of the bar. */
  readonly offset: number;
  readonly width: number;
  /** What the traces before have piled up, by place, where bars are stacked. */
  readonly pile: Map<string, number> | undefined;
}

export const isHorizontal = ({ orientation, x, y }: Fields) =>
  orientation === 'h' || (orientation === undefined && x !== undefined && y === undefined);

/** Slots of the bars (or boxes) of one panel. */
export function slotsOf(traces: readonly Fields[], axis: (trace: Fields) => Axis, layout: Fields): Map<Fields, Slot> {
  const isBox = traces[0]?.type === 'box';
  const kind = isBox ? 'box' : 'bar';
  const mode = textOf(layout[`${kind}mode`], isBox ? 'overlay' : 'group');
  const histogram = traces.every(({ binned }) => binned === true);
  const places = traces.map((trace) => placesOf(trace).map((place) => numberOn(axis(trace), place)));
  const room = closest(places.flat()) * (1 - numberOf(layout[`${kind}gap`], histogram ? 0.04 : isBox ? 0.4 : 0.2));
  const width = mode === 'group' ? room / traces.length : room;
  const pile = mode === 'stack' || mode === 'relative' ? new Map<string, number>() : undefined;
  return new Map(
    traces.map((trace, index) => {
      const offset = mode === 'group' ? (index + 0.5) * width - room / 2 : 0;
      return [trace, { offset, width: width * (1 - numberOf(layout[`${kind}groupgap`], 0)), pile }];
    }),
  );
}

const placesOf = (trace: Fields) => listOf(isHorizontal(trace) ? trace.y : trace.x);

/** The smallest distance between two places; 1 of a single one. */
function closest(places: readonly number[]): number {
  const sorted = [...new Set(places.filter(Number.isFinite))].sort((one, other) => one - other);
  const distances = sorted.slice(1).map((place, index) => place - sorted[index]!);
  return distances.length === 0 ? 1 : Math.min(...distances);
}

export function barMarks(trace: Fields, { x, y, color, slot }: TraceContext): Mark[] {
  const along = isHorizontal(trace) ? 'x' : 'y';
  const [placeAxis, valueAxis] = along === 'x' ? [y, x] : [x, y];
  const values = listOf(along === 'x' ? trace.x : trace.y);
  const mark = { x: [] as number[], y: [] as number[], colors: [] as string[], texts: [] as string[] };
  const marker = fieldsOf(trace.marker);
  placesOf(trace).forEach((place, index) => {
    const middle = numberOn(placeAxis, place) + slot.offset;
    const value = numberOn(valueAxis, values[index]);
    const width = numberOf(itemOf(trace.width, index), slot.width);
    const key = `${value < 0 ? '-' : '+'}${middle}`;
    const foot = slot.pile?.get(key) ?? numberOf(itemOf(trace.base, index), valueAxis.kind === 'log' ? -12 : 0);
    if (Number.isFinite(value)) slot.pile?.set(key, foot + value);
    const head = valueAxis.kind === 'log' ? value : foot + value;
    mark[along].push(foot, head);
    mark[along === 'x' ? 'y' : 'x'].push(middle - width / 2, middle + width / 2);
    mark.colors.push(textOf(itemOf(marker.color, index), color));
    mark.texts.push(trace.textposition === 'none' ? '' : labelOf(trace, index));
  });
  return [
    {
      kind: 'rectangles',
      ...mark,
      along,
      ...(numberOf(trace.opacity ?? marker.opacity, 1) === 1
        ? {}
        : { opacity: numberOf(trace.opacity ?? marker.opacity, 1) }),
    },
  ];
}

function labelOf(trace: Fields, index: number): string {
  const text = textOf(itemOf(trace.text, index), '');
  const names = {
    x: itemOf(trace.x, index),
    y: itemOf(trace.y, index),
    value: itemOf(isHorizontal(trace) ? trace.x : trace.y, index),
    text,
  };
  return typeof trace.texttemplate === 'string' ? fillTemplate(trace.texttemplate, names) : text;
}

/** Histograms of one panel as bars: they share their bins, as plotly's do. */
export function binHistograms(traces: readonly Fields[]): Map<Fields, Fields> {
  const values = (trace: Fields) =>
    listOf(isHorizontalHistogram(trace) ? trace.y : trace.x).filter((value) => value !== null);
  const all = traces.flatMap(values);
  const numbers = all.map((value) => numberOf(value, NaN));
  const bins = numbers.every(Number.isFinite) ? binsOf(numbers, traces[0] ?? {}) : undefined;
  return new Map(
    traces.map((trace) => {
      const own = values(trace);
      const places =
        bins === undefined ? [...new Set(all.map(nameOf))] : bins.starts.map((start) => start + bins.size / 2);
      const index = new Map(places.map((place, at) => [place, at]));
      const counts = places.map(() => 0);
      for (const value of own) {
        const at =
          bins === undefined
            ? (index.get(nameOf(value)) ?? -1)
            : Math.floor((Number(value) - bins.starts[0]!) / bins.size + 1e-9);
        if (counts[at] !== undefined) counts[at] += 1;
      }
      const heights = counts.map(
        (count) => count * (norms[textOf(trace.histnorm, '')]?.(own.length, bins?.size ?? 1) ?? 1),
      );
      const [place, height] = isHorizontalHistogram(trace) ? (['y', 'x'] as const) : (['x', 'y'] as const);
      const orientation = place === 'y' ? 'h' : 'v';
      return [
        trace,
        { ...trace, type: 'bar', orientation, binned: bins !== undefined, [place]: places, [height]: heights },
      ];
    }),
  );
}

const isHorizontalHistogram = ({ x, y, orientation }: Fields) =>
  orientation === 'h' || (x === undefined && y !== undefined);

const norms: Readonly<Record<string, (count: number, size: number) => number>> = {
  percent: (count) => 100 / count,
  probability: (count) => 1 / count,
  density: (_, size) => 1 / size,
  'probability density': (count, size) => 1 / (count * size),
};

const mostBins = 500;

function binsOf(values: readonly number[], trace: Fields): { starts: number[]; size: number } {
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  if (!(low <= high)) return { starts: [0], size: 1 };
  const given = fieldsOf(trace.xbins ?? trace.ybins);
  const wanted = numberOf(trace.nbinsx ?? trace.nbinsy, Math.ceil(Math.sqrt(values.length)));
  const rough = (high - low) / Math.max(1, Math.min(wanted, mostBins)) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = Math.max(
    numberOf(given.size, ([1, 2, 5].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10) * power),
    (high - low) / mostBins || 1e-9,
  );
  const start = numberOf(given.start, Math.floor(low / size) * size);
  const count = Math.max(1, Math.min(mostBins + 1, Math.floor((high - start) / size + 1e-9) + 1));
  return { starts: Array.from({ length: count }, (_, index) => start + index * size), size };
}

/** Quartiles, whiskers to the last value within 1.5 times their distance, and what lies beyond as points. */
export function boxMarks(trace: Fields, { x, y, color, slot }: TraceContext): Mark[] {
  const along = isHorizontal(trace) ? 'x' : 'y';
  const [placeAxis, valueAxis] = along === 'x' ? [y, x] : [x, y];
  const groups = new Map<number, number[]>();
  listOf(along === 'x' ? trace.x : trace.y).forEach((value, index) => {
    const place = numberOn(placeAxis, placesOf(trace)[index]) + slot.offset;
    const number = numberOn(valueAxis, value);
    if (!Number.isFinite(place) || !Number.isFinite(number)) return;
    const group = groups.get(place) ?? [];
    groups.set(place, group);
    group.push(number);
  });
  const half = slot.width / 2;
  /** Turned where boxes lie. */
  const at = (places: number[], values: number[]) =>
    along === 'y' ? { x: places, y: values } : { x: values, y: places };
  return [...groups].flatMap(([place, values]): Mark[] => {
    const sorted = values.sort((one, other) => one - other);
    const [lower, median, upper] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share)) as [
      number,
      number,
      number,
    ];
    const reach = 1.5 * (upper - lower);
    const inside = sorted.filter((value) => value >= lower - reach && value <= upper + reach);
    const outside = sorted.filter((value) => value < lower - reach || value > upper + reach).slice(0, 200);
    const [least, most] = [inside[0] ?? lower, inside.at(-1) ?? upper];
    const [left, right, quarter] = [place - half, place + half, half / 2];
    const line = (places: number[], ends: number[], width = 2): Mark => ({
      kind: 'line',
      ...at(places, ends),
      color,
      width,
    });
    return [
      line([place, place, NaN, place, place], [least, lower, NaN, upper, most], 1.5),
      line(
        [place - quarter, place + quarter, NaN, place - quarter, place + quarter],
        [least, least, NaN, most, most],
        1.5,
      ),
      { kind: 'rectangles', ...at([left, right], [lower, upper]), colors: [color], opacity: 0.4 },
      line([left, right, right, left, left], [lower, lower, upper, upper, lower], 1.5),
      line([left, right], [median, median]),
      {
        kind: 'points',
        ...at(
          outside.map(() => place),
          outside,
        ),
        colors: [color],
        sizes: [5],
        symbol: 'circle',
      },
    ];
  });
}

/** Linear between neighbours, as NumPy's. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return below + (above - below) * (place - Math.floor(place));
}
