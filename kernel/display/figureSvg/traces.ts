/** Traces into marks: one function a trace type that is drawn here. */
import { numberOn, type Axis } from './axis.js';
import { barMarks, boxMarks, type Slot } from './bars.js';
import { colorsOf } from './color.js';
import { fieldsOf, fillTemplate, itemOf, listOf, numberOf, textOf, type Fields } from './fields.js';
import type { Mark } from './marks.js';
import { averageBlocks } from '../heatMap.js';

export interface TraceContext {
  readonly x: Axis;
  readonly y: Axis;
  /** The trace's own, or the next of the figure's. */
  readonly color: string;
  /** Where bars and boxes stand beside each other. */
  readonly slot: Slot;
  /** The line before this one, to which `fill: 'tonexty'` fills. */
  readonly previous: { readonly x: readonly number[]; readonly y: readonly number[] } | undefined;
  /** Told of what is left out. */
  note(text: string): void;
}

type TraceType = 'scatter' | 'scattergl' | 'bar' | 'box' | 'heatmap';

const mostPoints = 2_000;
const mostHeatCells = 64;

export const traceMarks = {
  scatter: scatterMarks,
  scattergl: scatterMarks,
  // A histogram has become bars before.
  bar: (trace, context) => [...barMarks(trace, context), ...errorBars(trace, context)],
  box: boxMarks,
  heatmap: heatmapMarks,
} satisfies Record<TraceType, (trace: Fields, context: TraceContext) => Mark[]>;

export const isDrawn = (type: string): type is TraceType => Object.hasOwn(traceMarks, type);

/** How a scatter trace is drawn where it doesn't say: few points get markers. */
export function modeOf(trace: Fields): string {
  const count = Math.max(listOf(trace.x).length, listOf(trace.y).length);
  return textOf(trace.mode, count < 20 ? 'lines+markers' : 'lines');
}

export const numbersOn = (axis: Axis, values: unknown) => listOf(values).map((value) => numberOn(axis, value));

function scatterMarks(trace: Fields, context: TraceContext): Mark[] {
  const mode = modeOf(trace);
  const { color } = context;
  const opacity = numberOf(trace.opacity, undefined);
  const all = { x: numbersOn(context.x, trace.x), y: numbersOn(context.y, trace.y) };
  const common = opacity === undefined ? {} : { opacity };
  const line = fieldsOf(trace.line);
  const marker = fieldsOf(trace.marker);
  const thin = thinned(all, mostPoints);
  const width = numberOf(line.width, 2);
  const stroke = {
    color: textOf(line.color, color),
    width,
    dash: textOf(line.dash, undefined),
    shape: textOf(line.shape, 'linear'),
  };
  const marks: Mark[] = [...fillMarks(trace, all, context)];
  if (mode.includes('lines') && width > 0) marks.push({ kind: 'line', ...thin, ...stroke, ...common });
  marks.push(...errorBars(trace, context));
  if (mode.includes('markers')) {
    const kept = sampled(all.x.length, mostPoints);
    if (kept.length < all.x.length) context.note(`${kept.length} of ${all.x.length} points drawn`);
    const pick = (values: readonly number[]) => kept.map((index) => values[index] ?? NaN);
    marks.push({
      kind: 'points',
      x: pick(all.x),
      y: pick(all.y),
      colors: markerColors(marker, color, kept),
      sizes: markerSizes(marker, kept),
      symbol: textOf(itemOf(marker.symbol, 0), 'circle'),
      ...(numberOf(marker.opacity, undefined) === undefined ? common : { opacity: numberOf(marker.opacity, 1) }),
    });
  }
  if (mode.includes('text')) {
    const kept = sampled(all.x.length, mostPoints / 10);
    if (kept.length < all.x.length) context.note(`${kept.length} of ${all.x.length} labels drawn`);
    const texts = kept.map((index) => textOf(itemOf(trace.text, index), ''));
    const place = { x: kept.map((index) => all.x[index] ?? NaN), y: kept.map((index) => all.y[index] ?? NaN) };
    marks.push({ kind: 'labels', ...place, texts, position: textOf(itemOf(trace.textposition, 0), 'middle center') });
  }
  return marks;
}

function fillMarks(trace: Fields, { x, y }: { x: number[]; y: number[] }, { color, previous }: TraceContext): Mark[] {
  const fill = textOf(trace.fill, 'none');
  const ends: Readonly<Record<string, readonly [readonly number[], readonly number[]]>> = {
    tozeroy: [
      [x.at(-1) ?? 0, x[0] ?? 0],
      [0, 0],
    ],
    tozerox: [
      [0, 0],
      [y.at(-1) ?? 0, y[0] ?? 0],
    ],
    tonexty:
      previous === undefined
        ? [
            [x.at(-1) ?? 0, x[0] ?? 0],
            [0, 0],
          ]
        : [[...previous.x].reverse(), [...previous.y].reverse()],
    toself: [[], []],
  };
  const end = ends[fill];
  if (end === undefined) return [];
  const given = textOf(trace.fillcolor, undefined);
  const whole = { x: [...x, ...end[0]], y: [...y, ...end[1]] };
  return [{ kind: 'area', ...whole, color: given ?? color, opacity: given === undefined ? 0.4 : 1 }];
}

function markerColors(marker: Fields, color: string, kept: readonly number[]): string[] {
  const given = marker.color;
  if (!Array.isArray(given)) return [textOf(given, color)];
  const numbers = given.map((value) => numberOf(value, NaN));
  if (!numbers.some(Number.isFinite)) return kept.map((index) => textOf(given[index], color));
  const { colorOf } = colorsOf(numbers, marker, 'c');
  return kept.map((index) => (Number.isFinite(numbers[index]) ? colorOf(numbers[index]!) : color));
}

function markerSizes(marker: Fields, kept: readonly number[]): number[] {
  if (!Array.isArray(marker.size)) return [numberOf(marker.size, 6)];
  const scale =
    marker.sizemode === 'area'
      ? (size: number) => Math.sqrt(size / numberOf(marker.sizeref, 1))
      : (size: number) => size / numberOf(marker.sizeref, 1);
  return kept.map((index) => Math.max(numberOf(marker.sizemin, 1), scale(numberOf(itemOf(marker.size, index), 6))));
}

function errorBars(trace: Fields, { x, y, color, slot }: TraceContext): Mark[] {
  const error = fieldsOf(trace.error_y);
  if (Object.keys(error).length === 0 || error.visible === false) return [];
  const offset = trace.type === 'bar' ? slot.offset : 0;
  const [across, up] = [numbersOn(x, trace.x).map((place) => place + offset), numbersOn(y, trace.y)];
  const reach = (index: number, list: unknown) => {
    const value = numberOf(error.value, 10);
    if (error.type === 'percent') return (Math.abs(up[index] ?? 0) * value) / 100;
    return error.type === 'constant' ? value : numberOf(itemOf(list, index), NaN);
  };
  const segments = across.map((_, index): [number, number] => [
    up[index]! - reach(index, error.arrayminus ?? error.array),
    up[index]! + reach(index, error.array),
  ]);
  return [
    {
      kind: 'line',
      x: across.flatMap((place) => [place, place, NaN]),
      y: segments.flatMap(([low, high]) => [low, high, NaN]),
      color: textOf(error.color, trace.type === 'bar' ? '#444444' : color),
      width: numberOf(error.thickness, 2),
    },
  ];
}

function heatmapMarks(trace: Fields, context: TraceContext): Mark[] {
  const rows = listOf(trace.z).map(listOf);
  const columns = Math.max(0, ...rows.map((row) => row.length));
  if (rows.length === 0 || columns === 0) return [];
  const values = rows.flatMap((row) => Array.from({ length: columns }, (_, index) => numberOf(row[index], NaN)));
  const [xs, ys] = [edges(numbersOn(context.x, trace.x), columns), edges(numbersOn(context.y, trace.y), rows.length)];
  const { colorOf } = colorsOf(values, trace, 'z');
  const blocks = averageBlocks({ values, offset: 0, rows: rows.length, columns }, mostHeatCells);
  const { size } = blocks;
  const averaged = size.rows * size.columns > 1;
  if (averaged) context.note(`heat map averaged over blocks of ${size.rows} x ${size.columns}`);
  const template = textOf(trace.texttemplate, '');
  const mark = { x: [] as number[], y: [] as number[], colors: [] as string[], texts: [] as string[] };
  for (let row = 0; row < blocks.rows; row++) {
    for (let column = 0; column < blocks.columns; column++) {
      const value = blocks.values[row * blocks.columns + column]!;
      if (!Number.isFinite(value)) continue;
      mark.x.push(xs[column * size.columns]!, xs[Math.min(columns, (column + 1) * size.columns)]!);
      mark.y.push(ys[row * size.rows]!, ys[Math.min(rows.length, (row + 1) * size.rows)]!);
      mark.colors.push(colorOf(value));
      const text = textOf(itemOf(itemOf(trace.text, row), column), '');
      const names = { z: value, text, x: textOf(itemOf(trace.x, column), ''), y: textOf(itemOf(trace.y, row), '') };
      mark.texts.push(averaged || template === '' ? '' : fillTemplate(template, names));
    }
  }
  const gap = [numberOf(trace.xgap, 0), numberOf(trace.ygap, 0)] as const;
  return [
    {
      kind: 'rectangles',
      ...mark,
      gap,
      ...(numberOf(trace.opacity, 1) === 1 ? {} : { opacity: numberOf(trace.opacity, 1) }),
    },
  ];
}

/** Cells' edges: half-way between the centres given, or the edges themselves where one more is given. */
function edges(places: readonly number[], count: number): number[] {
  if (places.length > count) return [...places];
  const at = (index: number) => places[index] ?? index;
  const step = (index: number) => (count < 2 ? 1 : at(Math.max(1, index)) - at(Math.max(1, index) - 1));
  return Array.from({ length: count + 1 }, (_, index) =>
    index === count ? at(count - 1) + step(count - 1) / 2 : at(index) - step(index) / 2,
  );
}

/** Indices of at most `limit` of `count` things, evenly. */
function sampled(count: number, limit: number): number[] {
  const every = Math.max(1, count / limit);
  return Array.from({ length: Math.min(count, limit) }, (_, index) => Math.floor(index * every));
}

/** A long line without the points that can't be seen: of each bucket along it only the lowest and the highest are kept. */
function thinned({ x, y }: { x: readonly number[]; y: readonly number[] }, limit: number) {
  if (x.length <= limit) return { x, y };
  const size = Math.ceil((2 * x.length) / limit);
  const kept: number[] = [];
  for (let start = 0; start < x.length; start += size) {
    let [low, high] = [start, start];
    for (let index = start; index < Math.min(x.length, start + size); index++) {
      if (!(y[index]! >= y[low]!)) low = index;
      if (!(y[index]! <= y[high]!)) high = index;
    }
    kept.push(...[...new Set([low, high])].sort((one, other) => one - other));
  }
  return { x: kept.map((index) => x[index]!), y: kept.map((index) => y[index]!) };
}
