/** Bars: rectangles from zero to a value, side by side, stacked or on top of each other. */
import { numberOn, type Axis } from './axis.js';
import { fieldsOf, fillTemplate, itemOf, listOf, numberOf, textOf, type Fields } from './fields.js';
import type { Mark } from './marks.js';
import type { Slot, TraceContext } from './traceContext.js';

/** True if the bars or boxes of a trace extend along the x axis. */
export const isHorizontal = ({ orientation, x, y }: Fields) =>
  orientation === 'h' || (orientation === undefined && x !== undefined && y === undefined);

/** The positions of a trace's bars or boxes, as the figure gives them: on y if the trace is horizontal, else on x. */
export const placesOf = (trace: Fields) => listOf(isHorizontal(trace) ? trace.y : trace.x);

/** The slot of each trace, for the bars (or the boxes) of one panel. `axis` is the one on which a trace's places are. */
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

/** The smallest distance between two places; 1 if there is only one. */
function closest(places: readonly number[]): number {
  const sorted = [...new Set(places.filter(Number.isFinite))].sort((one, other) => one - other);
  const distances = sorted.slice(1).map((place, index) => place - sorted[index]!);
  return distances.length === 0 ? 1 : Math.min(...distances);
}

/** The rectangles of a bar trace, with their labels. Adds the values to the slot's pile if bars are stacked. */
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
  const opacity = numberOf(trace.opacity ?? marker.opacity, 1);
  return [{ kind: 'rectangles', ...mark, along, ...(opacity === 1 ? {} : { opacity }) }];
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
