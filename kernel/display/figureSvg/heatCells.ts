/** Heat maps: a matrix of numbers as coloured cells. */
import { averageBlocks } from '../heatMap.js';
import { numbersOn } from './axis.js';
import { colorsOf } from './color.js';
import { fillTemplate, itemOf, listOf, numberOf, textOf, type Fields } from './fields.js';
import type { Mark } from './marks.js';
import type { TraceContext } from './traceContext.js';

/** Rows and columns that are drawn; larger matrices are averaged over blocks. */
const mostCells = 64;

/** The cells of a heat map with their texts; cells without a finite value are left out. */
export function heatMarks(trace: Fields, context: TraceContext): Mark[] {
  const rows = listOf(trace.z).map(listOf);
  const columns = Math.max(0, ...rows.map((row) => row.length));
  if (rows.length === 0 || columns === 0) return [];
  const values = rows.flatMap((row) => Array.from({ length: columns }, (_, index) => numberOf(row[index], NaN)));
  const [xs, ys] = [edges(numbersOn(context.x, trace.x), columns), edges(numbersOn(context.y, trace.y), rows.length)];
  const { colorOf } = colorsOf(values, trace, 'z');
  const blocks = averageBlocks({ values, offset: 0, rows: rows.length, columns }, mostCells);
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
  const opacity = numberOf(trace.opacity, 1);
  return [{ kind: 'rectangles', ...mark, gap, ...(opacity === 1 ? {} : { opacity }) }];
}

/** The edges of `count` cells: half-way between the given centres, or as given if there is one more place than cells. */
function edges(places: readonly number[], count: number): number[] {
  if (places.length > count) return [...places];
  const at = (index: number) => places[index] ?? index;
  const step = (index: number) => (count < 2 ? 1 : at(Math.max(1, index)) - at(Math.max(1, index) - 1));
  return Array.from({ length: count + 1 }, (_, index) =>
    index === count ? at(count - 1) + step(count - 1) / 2 : at(index) - step(index) / 2,
  );
}
