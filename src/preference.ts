/** What a cell's global `preference` offers: pairs, the models that answer, revise and judge, and the builders of pairs. */
export * from './pairs/index.js';
export * from './responders/index.js';
export * from './builders/index.js';
export type { Histogram, MeasureSummary } from './core/runningStatistics.js';
export { type Proportion, wilson } from './core/statistics.js';
