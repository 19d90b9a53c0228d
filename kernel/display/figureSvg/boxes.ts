/** Boxes: the quartiles of the values at each place, with whiskers and outliers. */
import { quantile } from '../../../src/core/statistics.js';
import { numberOn } from './axis.js';
import { isHorizontal, placesOf } from './bars.js';
import { listOf, type Fields } from './fields.js';
import type { Mark } from './marks.js';
import type { TraceContext } from './traceContext.js';

const mostOutliers = 200;

/**
 * A box from the first to the third quartile with a line at the median. The whiskers end at the last values within 1.5 times
 * the box's height; values beyond them are points, at most 200 per box.
 */
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
  const at = (places: number[], values: number[]) =>
    along === 'y' ? { x: places, y: values } : { x: values, y: places };
  const line = (places: number[], ends: number[], width = 2): Mark => ({
    kind: 'line',
    ...at(places, ends),
    color,
    width,
  });
  return [...groups].flatMap(([place, values]): Mark[] => {
    const { lower, median, upper, least, most, outliers } = summaryOf(values);
    const [left, right, quarter] = [place - half, place + half, half / 2];
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
          outliers.map(() => place),
          outliers,
        ),
        colors: [color],
        sizes: [5],
        symbol: 'circle',
      },
    ];
  });
}

/** Quartiles, the ends of the whiskers, and what is beyond them. */
function summaryOf(values: readonly number[]) {
  const sorted = values.toSorted((one, other) => one - other);
  const [lower, median, upper] = [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)];
  const reach = 1.5 * (upper - lower);
  const inside = sorted.filter((value) => value >= lower - reach && value <= upper + reach);
  const outliers = sorted.filter((value) => value < lower - reach || value > upper + reach).slice(0, mostOutliers);
  return { lower, median, upper, least: inside[0] ?? lower, most: inside.at(-1) ?? upper, outliers };
}
