/** What a trace is made of: lines, points, rectangles and labels, placed by the numbers of its axes. */
import { readableOn } from './color.js';
import { element, plain, short, textAt } from './svg.js';
import type { Scale } from './axis.js';

interface Placed {
  /** Numbers of the axes; NaN where there is a gap. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly opacity?: number;
}

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
  /** Each has two places: `x[2i]` to `x[2i + 1]`, and so for y. */
  | (Placed & {
      readonly kind: 'rectangles';
      readonly colors: readonly string[];
      readonly texts?: readonly string[];
      readonly outline?: string;
      /** Pixels left free between neighbours. */
      readonly gap?: readonly [number, number];
      /** Bars stand on zero, along this axis. */
      readonly along?: 'x' | 'y';
    });

/** What a mark is drawn on. */
export interface Ground {
  readonly x: Scale;
  readonly y: Scale;
  readonly color: string;
  readonly size: number;
}

type Draw<K extends Mark['kind']> = (mark: Extract<Mark, { kind: K }>, ground: Ground) => string;

const dashes: Readonly<Record<string, string>> = { dot: '2 3', dash: '8 5', longdash: '14 6', dashdot: '8 4 2 4' };

export const dashOf = (dash: string | undefined) => (dash === undefined ? undefined : dashes[dash]);

const draw = {
  line({ x, y, color, width, dash, shape, opacity }, ground) {
    const d = pathOf(x.map(ground.x), y.map(ground.y), shape);
    if (d === '') return '';
    const style = { stroke: color, 'stroke-width': width, 'stroke-dasharray': dashOf(dash), opacity };
    return element('path', { d, fill: 'none', 'stroke-linejoin': 'round', ...style });
  },
  area: ({ x, y, color, opacity }, ground) =>
    element('path', { d: `${pathOf(x.map(ground.x), y.map(ground.y))}z`, fill: color, 'fill-opacity': opacity ?? 0.4 }),
  points({ x, y, colors, sizes, symbol, opacity }, ground) {
    const drawn = x.map((value, index) => {
      const [left, top] = [ground.x(value), ground.y(y[index]!)];
      if (!Number.isFinite(left) || !Number.isFinite(top)) return '';
      return pointAt(left, top, symbol, sizes[index % sizes.length]! / 2, colors[index % colors.length]!);
    });
    return element('g', { opacity }, ...drawn);
  },
  labels({ x, y, texts, position, color }, ground) {
    const anchor = position.includes('left') ? 'end' : position.includes('right') ? 'start' : 'middle';
    const [vertical, rise] = position.startsWith('top')
      ? (['bottom', -6] as const)
      : position.startsWith('bottom')
        ? (['top', 6] as const)
        : (['middle', 0] as const);
    return texts
      .map((text, index) => {
        const [left, top] = [ground.x(x[index]!), ground.y(y[index]!)];
        if (!Number.isFinite(left) || !Number.isFinite(top)) return '';
        const side = anchor === 'middle' ? 0 : anchor === 'end' ? -6 : 6;
        return textAt(left + side, top + rise, text, {
          size: ground.size,
          color: color ?? ground.color,
          anchor,
          vertical,
        });
      })
      .join('');
  },
  rectangles({ x, y, colors, texts = [], outline, gap = [0, 0], along, opacity }, ground) {
    if (colors.length > manyRectangles)
      return element('g', { opacity, 'shape-rendering': 'crispEdges' }, tiles(x, y, colors, ground));
    return colors
      .map((color, index) => {
        const [left, right] = ends(ground.x(x[2 * index]!), ground.x(x[2 * index + 1]!), gap[0]);
        const [top, bottom] = ends(ground.y(y[2 * index]!), ground.y(y[2 * index + 1]!), gap[1]);
        if (![left, right, top, bottom].every(Number.isFinite)) return '';
        const place = { x: left, y: top, width: right - left, height: bottom - top };
        const rectangle = element('rect', { ...place, fill: color, stroke: outline, opacity });
        const text = texts[index] ?? '';
        if (text === '') return rectangle;
        return rectangle + labelOf(text, { left, right, top, bottom }, color, along, ground);
      })
      .join('');
  },
} satisfies { [K in Mark['kind']]: Draw<K> };

/** More are drawn as one path a colour, without texts and gaps, which nobody could see. */
const manyRectangles = 500;

function tiles(x: readonly number[], y: readonly number[], colors: readonly string[], ground: Ground): string {
  const paths = new Map<string, string>();
  colors.forEach((color, index) => {
    const [left, right] = [ground.x(x[2 * index]!), ground.x(x[2 * index + 1]!)];
    const [top, bottom] = [ground.y(y[2 * index]!), ground.y(y[2 * index + 1]!)];
    if (![left, right, top, bottom].every(Number.isFinite)) return;
    const path = `M${short(left)} ${short(top)}H${short(right)}V${short(bottom)}H${short(left)}z`;
    paths.set(color, (paths.get(color) ?? '') + path);
  });
  return [...paths].map(([fill, d]) => element('path', { d, fill })).join('');
}

export function drawMark(mark: Mark, ground: Ground): string {
  return draw[mark.kind](mark as never, ground);
}

/** A point of a legend or of a trace, `radius` pixels around its centre. */
export function pointAt(x: number, y: number, symbol: string, radius: number, color: string): string {
  const open = symbol.endsWith('-open');
  const paint = open ? { fill: 'none', stroke: color, 'stroke-width': 1.5 } : { fill: color };
  const name = symbol.replace(/-(open|dot)/g, '');
  const corners = symbols[name];
  if (corners === undefined) return element('circle', { cx: x, cy: y, r: radius, ...paint });
  const line = name === 'cross' || name === 'x' ? { stroke: color, 'stroke-width': 2, fill: 'none' } : paint;
  const d = corners.map(
    ([right, down, start]) => `${start === true ? 'M' : 'L'}${short(x + right * radius)} ${short(y + down * radius)}`,
  );
  return element('path', { d: `${d.join('')}${line === paint ? 'z' : ''}`, ...line });
}

/** Corners in units of the radius; `true` where the pen is lifted. Every other symbol is a circle. */
const symbols: Readonly<Record<string, readonly (readonly [number, number, boolean?])[]>> = {
  square: [
    [-1, -1, true],
    [1, -1],
    [1, 1],
    [-1, 1],
  ],
  diamond: [
    [0, -1.3, true],
    [1.3, 0],
    [0, 1.3],
    [-1.3, 0],
  ],
  'triangle-up': [
    [0, -1.2, true],
    [1.1, 0.8],
    [-1.1, 0.8],
  ],
  'triangle-down': [
    [0, 1.2, true],
    [1.1, -0.8],
    [-1.1, -0.8],
  ],
  cross: [
    [-1, 0, true],
    [1, 0],
    [0, -1, true],
    [0, 1],
  ],
  x: [
    [-1, -1, true],
    [1, 1],
    [-1, 1, true],
    [1, -1],
  ],
};

/** A path that is interrupted where a place is missing. */
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

/** Inside where there is room, behind a bar's end where there isn't; in a cell only where it can be read. */
function labelOf(
  text: string,
  { left, right, top, bottom }: { left: number; right: number; top: number; bottom: number },
  color: string,
  along: 'x' | 'y' | undefined,
  { size, color: ink }: Ground,
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
