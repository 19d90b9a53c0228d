/** A small drawing of a matrix of numbers, bounded however large the matrix: larger ones are averaged down by blocks. */

export interface Matrix {
  /** Row by row; `rows * columns` numbers from `offset` on. */
  readonly values: ArrayLike<number>;
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

export interface Blocks extends Omit<Matrix, 'offset'> {
  /** Rows and columns of the matrix in a block; at the far edges blocks may be smaller. */
  readonly size: { readonly rows: number; readonly columns: number };
}

type Color = readonly [red: number, green: number, blue: number];

export const mostCells = 32;
const widest = 320;
const largestCell = 16;
const shades = 32;
const notFinite = '#d0021b';

/** Blue below zero, orange above it, as in `charts`; and from light to dark where all values have one sign. */
const diverging: readonly Color[] = [
  [33, 102, 172],
  [103, 169, 207],
  [247, 247, 247],
  [241, 163, 64],
  [179, 88, 6],
];
const sequential: readonly Color[] = [
  [253, 231, 37],
  [94, 201, 98],
  [33, 145, 140],
  [59, 82, 139],
  [68, 1, 84],
];

/** Means of blocks, at most `limit` a side; NaN where a block holds a NaN or an Infinity, so that none is averaged away. */
export function averageBlocks({ values, offset, rows, columns }: Matrix, limit: number = mostCells): Blocks {
  const size = { rows: Math.ceil(rows / limit), columns: Math.ceil(columns / limit) };
  const [down, across] = [Math.ceil(rows / size.rows), Math.ceil(columns / size.columns)];
  const sums = new Float64Array(down * across);
  for (let row = 0; row < rows; row++) {
    const start = Math.floor(row / size.rows) * across;
    for (let column = 0; column < columns; column++) {
      sums[start + Math.floor(column / size.columns)]! += values[offset + row * columns + column]!;
    }
  }
  const means = sums.map((sum, index) => {
    const [row, column] = [Math.floor(index / across), index % across];
    const height = Math.min(size.rows, rows - row * size.rows);
    const mean = sum / (height * Math.min(size.columns, columns - column * size.columns));
    return Number.isFinite(mean) ? mean : NaN;
  });
  return { values: means, rows: down, columns: across, size };
}

/** The drawing as SVG for a page, and what its colours mean, in words. */
export function heatMap(matrix: Matrix): { readonly svg: string; readonly legend: string } {
  const { values, rows, columns, size } = averageBlocks(matrix);
  const finite = Array.from(values).filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const reach = Math.max(-low, high);
  const crosses = low < 0 && high > 0;
  const [from, to] = crosses ? [-reach, reach] : [low, high];
  const stops = crosses ? diverging : sequential;

  const cells = new Map<string, string>();
  for (let index = 0; index < rows * columns; index++) {
    const value = values[index]!;
    const share = to > from ? (value - from) / (to - from) : 0.5;
    const color = Number.isFinite(value) ? colorAt(stops, Math.round(share * shades) / shades) : notFinite;
    const cell = `M${index % columns} ${Math.floor(index / columns)}h1v1h-1z`;
    cells.set(color, (cells.get(color) ?? '') + cell);
  }
  const cell = Math.min(largestCell, widest / Math.max(rows, columns));
  const paths = [...cells].map(([color, path]) => `<path fill="${color}" d="${path}"/>`);
  const averaged = size.rows * size.columns > 1;
  const legend = [
    ...(averaged ? [`a cell is the mean of ${size.rows} x ${size.columns} values`] : []),
    ...(finite.length === 0
      ? []
      : [
          crosses
            ? `blue ${short(from)}, white 0, orange ${short(to)}`
            : `yellow ${short(from)}${to > from ? `, violet ${short(to)}` : ''}`,
        ]),
    ...(finite.length < values.length ? ['red where a value is NaN or infinite'] : []),
  ].join('; ');
  return {
    svg:
      `<svg xmlns="http://www.w3.org/2000/svg" width="${round(columns * cell)}" height="${round(rows * cell)}" ` +
      `viewBox="0 0 ${columns} ${rows}" preserveAspectRatio="none" shape-rendering="crispEdges" role="img" aria-label="heat map">${paths.join('')}</svg>`,
    legend,
  };
}

function colorAt(stops: readonly Color[], share: number): string {
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const [from, to] = [stops[index]!, stops[index + 1]!];
  const channel = (number: 0 | 1 | 2) => Math.round(from[number] + (to[number] - from[number]) * (place - index));
  return `#${([0, 1, 2] as const).map((number) => channel(number).toString(16).padStart(2, '0')).join('')}`;
}

const short = (value: number) => String(Number(value.toPrecision(4)));
const round = (value: number) => Number(value.toFixed(1));
