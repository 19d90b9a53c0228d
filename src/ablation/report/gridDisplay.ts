/** A grid that shows itself: as the last expression of a cell it is the paper's table, elsewhere the same in text. */
import { jupyterDisplay, type Displayable } from '../../core/display.js';
import type { Grid } from '../grid.js';
import { heatTable } from './heatTable.js';
import { formatTable } from './table.js';

/** Gives a grid its picture; the method is not enumerable, so the JSON of a grid is its data alone. */
export function showable(grid: Grid): Grid & Displayable {
  const show = () => ({ 'text/html': heatTable(grid).text, 'text/plain': formatTable(grid) });
  return Object.defineProperty({ ...grid }, jupyterDisplay, { value: show }) as Grid & Displayable;
}
