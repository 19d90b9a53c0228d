/** A small SVG heat map of a matrix of numbers. Large matrices are averaged over blocks, so the size of the SVG is bounded. */
import { colorAt, even } from './figureSvg/color.js';

/** A matrix inside an array of numbers. */
export interface Matrix {
  /** Row by row: `rows * columns` numbers from index `offset` on. */
  readonly values: ArrayLike<number>;
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

/** A matrix of the means of blocks of another one. */
export interface Blocks extends Omit<Matrix, 'offset'> {
  /** Rows and columns per block; blocks at the last row and column may be smaller. */
  readonly size: { readonly rows: number; readonly columns: number };
}

/** Most rows, and most columns, of a heat map of a tensor. */
export const mostCells = 32;
const largestMap = 320;
const largestCell = 16;
/** Few enough that cells of one colour can share a path. */
const shades = 32;
const notFinite = '#d0021b';

/** Blue below zero and orange above it, as in `charts`; from light to dark if all values have the same sign. */
const diverging = even('#2166ac', '#67a9cf', '#f7f7f7', '#f1a340', '#b35806');
const sequential = even('#fde725', '#5ec962', '#21918c', '#3b528b', '#440154');

/**
 * Means of blocks, at most `limit` rows and `limit` columns of them. A block with a NaN or an infinity is NaN, so that no such
 * value is hidden by the mean.
 */
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

/** The heat map as SVG, and a sentence that says what its colours mean. */
export function heatMap(matrix: Matrix): { readonly svg: string; readonly legend: string } {
  const { values, rows, columns, size } = averageBlocks(matrix);
  const finite = Array.from(values).filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const reach = Math.max(-low, high);
  const crosses = low < 0 && high > 0;
  const [from, to] = crosses ? [-reach, reach] : [low, high];
  const scale = crosses ? diverging : sequential;

  const cells = new Map<string, string>();
  for (let index = 0; index < rows * columns; index++) {
    const value = values[index]!;
    const share = to > from ? (value - from) / (to - from) : 0.5;
    const color = Number.isFinite(value) ? colorAt(scale, Math.round(share * shades) / shades) : notFinite;
    const cell = `M${index % columns} ${Math.floor(index / columns)}h1v1h-1z`;
    cells.set(color, (cells.get(color) ?? '') + cell);
  }
  const cell = Math.min(largestCell, largestMap / Math.max(rows, columns));
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
    ...(finite.length < values.length ? ['red if a value is NaN or infinite'] : []),
  ].join('; ');
  return {
    svg:
      `<svg xmlns="http://www.w3.org/2000/svg" width="${round(columns * cell)}" height="${round(rows * cell)}" ` +
      `viewBox="0 0 ${columns} ${rows}" preserveAspectRatio="none" shape-rendering="crispEdges" role="img" aria-label="heat map">${paths.join('')}</svg>`,
    legend,
  };
}

const short = (value: number) => String(Number(value.toPrecision(4)));
const round = (value: number) => Number(value.toFixed(1));
