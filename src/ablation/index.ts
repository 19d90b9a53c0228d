/** The ablation room: settings -> pairs and base -> cells -> grid -> statistics, table and report. */
export type { CellProgress, CellResult, CellSettings, Evaluation } from './cell/cell.js';
export { compareWithPaper, type Claim, type Comparison, type Verdict } from './report/claims.js';
export type { CellFailure, Grid, GridCell, PairsRecord, SkippedPair } from './grid.js';
export { printEvents, type GridEvent } from './run/gridEvents.js';
export type { PreparedPairs, PreparedRun, PrepareProgress, PrepareRun } from './run/prepared.js';
export { evaluatePolicy, type EvaluationSettings } from '../evaluation/evaluatePolicy.js';
export { prepareRun } from './run/prepare.js';
export { presets, type Preset, type PresetId } from './run/presets.js';
export { formatReport } from './report/report.js';
export { runGrid, RunInterruptedError, type GridOptions } from './run/runGrid.js';
export { runSettings, type RunSettings } from './run/runSettings.js';
export { readGrid, saveGrid } from './run/saveGrid.js';
export {
  acrossSeeds,
  changeDifference,
  changeIntervals,
  maxChange,
  meanChange,
  scoreOf,
  type Changes,
  type Estimate,
  type Interval,
} from './report/statistics.js';
export { cellsOf, summarize, type SummaryCell, type SummaryRow } from './report/summary.js';
export { trainCell } from './cell/trainCell.js';
export { formatCsv, formatTable, gridRows, type GridRow } from './report/table.js';
