/** The symbols of points. */
import { element, short } from './svg.js';

/** A point as SVG, `radius` pixels around its centre. `symbol` is a name of plotly's; an unknown one gives a circle. */
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

/** Corners of the symbols that are not circles, in units of the radius; `true` starts a new line. */
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
