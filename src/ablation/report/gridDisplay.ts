/** A grid shows itself in a notebook as the paper's table. */
import { jupyterDisplay, type Displayable } from '../../core/display.js';
import type { Grid } from '../grid.js';
import { heatTable } from './heatTable.js';
import { formatTable } from './table.js';

/** The grid with a display method, which is not enumerable: the JSON of a grid holds its data alone. */
export function showable(grid: Grid): Grid & Displayable {
  const show = () => ({ 'text/html': heatTable(grid).text, 'text/plain': formatTable(grid) });
  return Object.defineProperty({ ...grid }, jupyterDisplay, { value: show }) as Grid & Displayable;
}
