/** Marks: the lines, areas, points, labels and rectangles of a trace, in numbers of its axes. */
import { readableOn } from './color.js';
import type { Scale } from './axis.js';
import { pointAt } from './points.js';
import { element, plain, short, textAt } from './svg.js';

interface Placed {
  /** Numbers of the axes; NaN interrupts a line. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly opacity?: number;
}

/** One mark. Points, labels and rectangles have one colour, text or size per item, or fewer that are repeated. */
export type Mark =
  | (Placed & {
      readonly kind: 'line';
      readonly color: string;
      readonly width: number;
      readonly dash?: string | undefined;
      readonly shape?: string;
    })
  | (Placed & { readonly kind: 'area'; readonly color: string })
  | (Placed & {
      readonly kind: 'points';
      readonly colors: readonly string[];
      readonly sizes: readonly number[];
      readonly symbol: string;
    })
  | (Placed & {
      readonly kind: 'labels';
      readonly texts: readonly string[];
      readonly position: string;
      readonly color?: string;
    })
  /** Rectangle i goes from `x[2i]` to `x[2i + 1]`, and the same for y. */
  | (Placed & {
      readonly kind: 'rectangles';
      readonly colors: readonly string[];
      readonly texts?: readonly string[];
      readonly outline?: string;
      /** Free pixels between neighbours, across and down. */
      readonly gap?: readonly [number, number];
      /** For bars: the axis along which they extend from zero. */
      readonly along?: 'x' | 'y';
    });

/** The panel on which a mark is drawn: its scales, and the font of labels. */
export interface Canvas {
  readonly x: Scale;
  readonly y: Scale;
  readonly color: string;
  readonly size: number;
}

type Draw<K extends Mark['kind']> = (mark: Extract<Mark, { kind: K }>, canvas: Canvas) => string;

const dashes: Readonly<Record<string, string>> = { dot: '2 3', dash: '8 5', longdash: '14 6', dashdot: '8 4 2 4' };

/** plotly's name of a dash as SVG's `stroke-dasharray`; undefined for a solid line. */
export const dashOf = (dash: string | undefined) => (dash === undefined ? undefined : dashes[dash]);

const draw = {
  line({ x, y, color, width, dash, shape, opacity }, canvas) {
    const d = pathOf(x.map(canvas.x), y.map(canvas.y), shape);
    if (d === '') return '';
    const style = { stroke: color, 'stroke-width': width, 'stroke-dasharray': dashOf(dash), opacity };
    return element('path', { d, fill: 'none', 'stroke-linejoin': 'round', ...style });
  },
  area: ({ x, y, color, opacity }, canvas) =>
    element('path', { d: `${pathOf(x.map(canvas.x), y.map(canvas.y))}z`, fill: color, 'fill-opacity': opacity ?? 0.4 }),
  points({ x, y, colors, sizes, symbol, opacity }, canvas) {
    const drawn = x.map((value, index) => {
      const [left, top] = [canvas.x(value), canvas.y(y[index]!)];
      if (!Number.isFinite(left) || !Number.isFinite(top)) return '';
      return pointAt(left, top, symbol, sizes[index % sizes.length]! / 2, colors[index % colors.length]!);
    });
    return element('g', { opacity }, ...drawn);
  },
  labels({ x, y, texts, position, color }, canvas) {
    const anchor = position.includes('left') ? 'end' : position.includes('right') ? 'start' : 'middle';
    const [vertical, rise] = position.startsWith('top')
      ? (['bottom', -6] as const)
      : position.startsWith('bottom')
        ? (['top', 6] as const)
        : (['middle', 0] as const);
    return texts
      .map((text, index) => {
        const [left, top] = [canvas.x(x[index]!), canvas.y(y[index]!)];
        if (!Number.isFinite(left) || !Number.isFinite(top)) return '';
        const side = anchor === 'middle' ? 0 : anchor === 'end' ? -6 : 6;
        return textAt(left + side, top + rise, text, {
          size: canvas.size,
          color: color ?? canvas.color,
          anchor,
          vertical,
        });
      })
      .join('');
  },
  rectangles({ x, y, colors, texts = [], outline, gap = [0, 0], along, opacity }, canvas) {
    if (colors.length > manyRectangles)
      return element('g', { opacity, 'shape-rendering': 'crispEdges' }, tiles(x, y, colors, canvas));
    return colors
      .map((color, index) => {
        const [left, right] = ends(canvas.x(x[2 * index]!), canvas.x(x[2 * index + 1]!), gap[0]);
        const [top, bottom] = ends(canvas.y(y[2 * index]!), canvas.y(y[2 * index + 1]!), gap[1]);
        if (![left, right, top, bottom].every(Number.isFinite)) return '';
        const place = { x: left, y: top, width: right - left, height: bottom - top };
        const rectangle = element('rect', { ...place, fill: color, stroke: outline, opacity });
        const text = texts[index] ?? '';
        if (text === '') return rectangle;
        return rectangle + labelOf(text, { left, right, top, bottom }, color, along, canvas);
      })
      .join('');
  },
} satisfies { [K in Mark['kind']]: Draw<K> };

/** If there are more, they are drawn as one path per colour, without texts and gaps, which would be too small to see. */
const manyRectangles = 500;

function tiles(x: readonly number[], y: readonly number[], colors: readonly string[], canvas: Canvas): string {
  const paths = new Map<string, string>();
  colors.forEach((color, index) => {
    const [left, right] = [canvas.x(x[2 * index]!), canvas.x(x[2 * index + 1]!)];
    const [top, bottom] = [canvas.y(y[2 * index]!), canvas.y(y[2 * index + 1]!)];
    if (![left, right, top, bottom].every(Number.isFinite)) return;
    const path = `M${short(left)} ${short(top)}H${short(right)}V${short(bottom)}H${short(left)}z`;
    paths.set(color, (paths.get(color) ?? '') + path);
  });
  return [...paths].map(([fill, d]) => element('path', { d, fill })).join('');
}

/** A mark as SVG. */
export function drawMark(mark: Mark, canvas: Canvas): string {
  return draw[mark.kind](mark as never, canvas);
}

/** The path through the points; a missing point interrupts it. */
function pathOf(x: readonly number[], y: readonly number[], shape = 'linear'): string {
  let path = '';
  let previous: readonly [number, number] | undefined;
  for (const [index, left] of x.entries()) {
    const top = y[index]!;
    if (!Number.isFinite(left) || !Number.isFinite(top)) {
      previous = undefined;
      continue;
    }
    if (previous !== undefined && shape === 'hv') path += `H${short(left)}`;
    if (previous !== undefined && shape === 'vh') path += `V${short(top)}`;
    path += `${previous === undefined ? 'M' : 'L'}${short(left)} ${short(top)}`;
    previous = [left, top];
  }
  return path;
}

const ends = (one: number, other: number, gap: number): [number, number] => [
  Math.min(one, other) + gap / 2,
  Math.max(one, other) - gap / 2,
];

/** The text of a rectangle: inside if there is room, else beyond the end of a bar; a cell without room has no text. */
function labelOf(
  text: string,
  { left, right, top, bottom }: { left: number; right: number; top: number; bottom: number },
  color: string,
  along: 'x' | 'y' | undefined,
  { size, color: ink }: Canvas,
): string {
  const [width, height] = [right - left, bottom - top];
  const letters = plain(text).length;
  const fitting = Math.min(size, Math.max(7, width / (letters * 0.6)));
  if (letters * fitting * 0.6 <= width + 4 && height >= fitting) {
    const style = { size: fitting, color: readableOn(color), anchor: 'middle', vertical: 'middle' } as const;
    if (along === 'x') return textAt(right - 4, (top + bottom) / 2, text, { ...style, anchor: 'end' });
    return textAt((left + right) / 2, along === 'y' ? top + fitting * 0.8 : (top + bottom) / 2, text, style);
  }
  if (along === 'x') return textAt(right + 4, (top + bottom) / 2, text, { size, color: ink, vertical: 'middle' });
  if (along === 'y')
    return textAt((left + right) / 2, top - 3, text, {
      size: fitting,
      color: ink,
      anchor: 'middle',
      vertical: 'bottom',
    });
  return '';
}
