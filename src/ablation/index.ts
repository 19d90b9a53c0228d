/** The ablation room: settings -> pairs and base -> cells -> grid -> statistics, table and report. */
export type { CellProgress, CellResult, CellSettings, PolicyScore } from './cell/cell.js';
export { trainCell } from './cell/trainCell.js';
export {
  acrossSeeds,
  changeDifference,
  changeIntervals,
  maxChange,
  meanChange,
  type Changes,
  type ItemScores,
} from './changes.js';
export type { CellFailure, Grid, GridCell, PairsRecord, SkippedItem } from './grid.js';
export { besidePaper, knownNumbers, type KnownNumber } from './report/besidePaper.js';
export { compareWithPaper, type Claim, type Comparison, type Verdict } from './report/claims.js';
export { formatReport } from './report/report.js';
export { cellsOf, summarize, type SummaryCell, type SummaryRow } from './report/summary.js';
export { formatCsv, formatTable, gridRows, type GridRow } from './report/table.js';
export { printEvents, type GridEvent } from './run/gridEvents.js';
export { prepareRun } from './run/prepare.js';
export type { PreparedPairs, PreparedRun, PrepareProgress, PrepareRun } from './run/prepared.js';
export { presets, type Preset, type PresetId } from './run/presets.js';
export { runGrid, RunInterruptedError, type GridOptions } from './run/runGrid.js';
export { runSettings, type RunChanges, type RunSettings } from './run/runSettings.js';
export type { ColumnChoice, OwnColumn } from './run/columns.js';
export { formatGrid, readGrid, saveGrid } from './run/saveGrid.js';
export type { Estimate, Interval } from '../core/statistics.js';
export { scoreOf } from '../evaluation/evaluation.js';
