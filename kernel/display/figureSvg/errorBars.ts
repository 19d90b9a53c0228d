/** Error bars: a vertical line through each point or bar, from `error_y`. */
import { numbersOn } from './axis.js';
import { fieldsOf, itemOf, numberOf, textOf, type Fields } from './fields.js';
import type { Mark } from './marks.js';
import type { TraceContext } from './traceContext.js';

/** The error bars of a scatter or bar trace as one line with gaps; none if the trace has no `error_y`. */
export function errorBars(trace: Fields, { x, y, color, slot }: TraceContext): Mark[] {
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
