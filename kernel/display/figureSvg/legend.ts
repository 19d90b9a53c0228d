/** The legend and the colour bars of a figure. */
import { colorsOf, colorAt } from './color.js';
import { fieldsOf, listOf, numberOf, textOf, titleOf, type Fields } from './fields.js';
import { dashOf } from './marks.js';
import type { DrawnTrace } from './panels.js';
import { pointAt } from './points.js';
import { modeOf } from './scatter.js';
import { element, lineHeight, linesOf, plain, textAt, textWidth } from './svg.js';
import { traceKinds } from './traces.js';

/** A rectangle in pixels, from its top left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A drawing of known size that has no place yet. */
export interface Drawn {
  readonly width: number;
  readonly height: number;
  /** The drawing as SVG, with its top left corner at this point. */
  at(x: number, y: number): string;
}

const symbolWidth = 30;
const mostEntries = 30;
const longestName = 48;

const hasEntry = ({ trace, type }: DrawnTrace) => traceKinds[type].symbol !== undefined && trace.showlegend !== false;

/** The legend: a column, or rows of `room` pixels. `undefined` if the figure has none. */
export function legendOf(
  traces: readonly DrawnTrace[],
  layout: Fields,
  font: { size: number; color: string },
  room: number,
): Drawn | undefined {
  const entries = traces.filter(hasEntry);
  const wanted = layout.showlegend ?? (entries.length > 1 || entries.some(({ trace }) => trace.showlegend === true));
  if (wanted !== true || entries.length === 0) return undefined;
  const size = numberOf(fieldsOf(fieldsOf(layout.legend).font).size, font.size);
  const names = entries
    .slice(0, mostEntries)
    .map(({ trace }, index) => plain(textOf(trace.name, `trace ${index}`), longestName));
  if (entries.length > mostEntries) names.push(`and ${entries.length - mostEntries} more`);
  const row = size * 1.5;
  const isRow = fieldsOf(layout.legend).orientation === 'h';
  const widths = names.map((name) => symbolWidth + textWidth(name, size) + 14);
  const places: { x: number; y: number }[] = [];
  let [x, y] = [0, 0];
  for (const width of widths) {
    if (isRow && x > 0 && x + width > room) [x, y] = [0, y + row];
    places.push({ x, y });
    if (isRow) x += width;
    else y += row;
  }
  const width = isRow ? Math.max(...places.map((place, index) => place.x + widths[index]!)) : Math.max(...widths);
  return {
    width,
    height: places.at(-1)!.y + row,
    at: (left, top) =>
      names
        .map((name, index) => {
          const place = { x: left + places[index]!.x, y: top + places[index]!.y + row / 2 };
          const entry = index < mostEntries ? entries[index] : undefined;
          const symbol = entry === undefined ? '' : symbolOf(entry, place.x, place.y);
          return symbol + textAt(place.x + symbolWidth, place.y, name, { size, color: font.color, vertical: 'middle' });
        })
        .join(''),
  };
}

function symbolOf({ trace, type, color }: DrawnTrace, x: number, y: number): string {
  const opacity = numberOf(trace.opacity, undefined);
  if (traceKinds[type].symbol === 'rectangle') {
    return element('rect', { x: x + 6, y: y - 5, width: 14, height: 10, fill: color, opacity });
  }
  const mode = modeOf(trace);
  const line = fieldsOf(trace.line);
  const style = {
    'stroke-width': numberOf(line.width, 2),
    'stroke-dasharray': dashOf(textOf(line.dash, undefined)),
    opacity,
  };
  const marker = fieldsOf(trace.marker);
  const radius = Math.min(5, typeof marker.size === 'number' ? marker.size / 2 : 3);
  const symbol = typeof marker.symbol === 'string' ? marker.symbol : 'circle';
  return (
    (mode.includes('lines') ? element('path', { d: `M${x} ${y}h24`, stroke: color, ...style }) : '') +
    (mode.includes('markers')
      ? pointAt(x + 12, y, symbol, radius, typeof marker.color === 'string' ? marker.color : color)
      : '')
  );
}

const barWidth = 16;
const barSteps = 32;

/** The colour bars of heat maps and of points that are coloured by numbers; `height` is in pixels. */
export function colorBarsOf(
  traces: readonly DrawnTrace[],
  font: { size: number; color: string },
  height: number,
): readonly Drawn[] {
  return traces.flatMap(({ trace }): Drawn[] => {
    const isHeat = trace.type === 'heatmap';
    const options = isHeat ? trace : fieldsOf(trace.marker);
    const values = isHeat ? listOf(trace.z).flatMap((row) => listOf(row)) : listOf(options.color);
    const numbers = values.map((value) => (typeof value === 'number' ? value : NaN));
    if (options.showscale === false || (!isHeat && options.showscale !== true && options.colorbar === undefined))
      return [];
    if (!numbers.some(Number.isFinite)) return [];
    const { low, high, scale, title } = colorsOf(numbers, options, isHeat ? 'z' : 'c');
    const name = titleOf(title);
    const head = name === '' ? 0 : linesOf(name).length * font.size * lineHeight + 4;
    const labels = [0, 0.25, 0.5, 0.75, 1].map((share) => {
      const value = low + (high - low) * share;
      const clean = Math.abs(value) < (high - low) * 1e-6 ? 0 : Number(value.toPrecision(3));
      return String(clean).replace('-', '\u2212');
    });
    const width = Math.max(
      barWidth + 6 + Math.max(...labels.map((label) => textWidth(label, font.size))),
      textWidth(name, font.size),
    );
    const length = Math.max(40, height - head);
    const at = (left: number, top: number) => {
      const step = length / barSteps;
      const steps = Array.from({ length: barSteps }, (_, index) =>
        element('rect', {
          x: left,
          y: top + head + index * step,
          width: barWidth,
          height: step + 0.5,
          fill: colorAt(scale, 1 - (index + 0.5) / barSteps),
        }),
      );
      const texts = labels.map((label, index) =>
        textAt(left + barWidth + 4, top + head + length * (1 - index / 4), label, { ...font, vertical: 'middle' }),
      );
      return [...(name === '' ? [] : [textAt(left, top, name, font)]), ...steps, ...texts].join('');
    };
    return [{ width, height: head + length, at }];
  });
}
