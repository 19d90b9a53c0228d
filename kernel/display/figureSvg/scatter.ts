/** Scatter traces: lines, points, labels and filled areas. */
import { numbersOn } from './axis.js';
import { colorsOf } from './color.js';
import { errorBars } from './errorBars.js';
import { fieldsOf, itemOf, listOf, numberOf, textOf, type Fields } from './fields.js';
import type { Mark } from './marks.js';
import type { TraceContext } from './traceContext.js';

const mostPoints = 2_000;
const mostLabels = 200;

/** The mode of a scatter trace: its own, or else lines, with markers if there are fewer than 20 points. */
export function modeOf(trace: Fields): string {
  const count = Math.max(listOf(trace.x).length, listOf(trace.y).length);
  return textOf(trace.mode, count < 20 ? 'lines+markers' : 'lines');
}

/** The area, line, error bars, points and labels of a scatter trace, in the order in which they are drawn. */
export function scatterMarks(trace: Fields, context: TraceContext): Mark[] {
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
    const kept = sampled(all.x.length, mostLabels);
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

/** At most `limit` of the indices below `count`, evenly spaced. */
function sampled(count: number, limit: number): number[] {
  const every = Math.max(1, count / limit);
  return Array.from({ length: Math.min(count, limit) }, (_, index) => Math.floor(index * every));
}

/** A long line with fewer points: only the lowest and the highest of each bucket are kept, which looks the same. */
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
