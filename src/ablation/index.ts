/** The ablation room: settings -> pairs and base -> cells -> grid -> statistics, table and report. */
export type { CellProgress, CellResult, CellSettings, Evaluation } from './cell.js';
export { compareWithPaper, type Claim, type Comparison, type Verdict } from './claims.js';
export type { CellFailure, Grid, GridCell, PairsRecord, RejectedPair } from './grid.js';
export { printEvents, type GridEvent } from './gridEvents.js';
export type { PreparedPairs, PreparedRun, PrepareProgress, PrepareRun } from './prepared.js';
export { evaluatePolicy, type EvaluationSettings } from './evaluatePolicy.js';
export { prepareRun } from './prepare.js';
export { presets, type Preset, type PresetId } from './presets.js';
export { formatReport } from './report.js';
export { runGrid, RunInterruptedError, type GridOptions } from './runGrid.js';
export { runSettings, type RunSettings } from './runSettings.js';
export { readGrid, saveGrid } from './saveGrid.js';
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
} from './statistics.js';
export { cellsOf, summarize, type SummaryCell, type SummaryRow } from './summary.js';
export { trainCell } from './trainCell.js';
export { formatCsv, formatTable, gridRows, type GridRow } from './table.js';
