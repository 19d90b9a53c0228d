/** Figures: each is one function from results to a plotly figure that a notebook draws. A new one is a file and an export here. */
export { compareRuns, type CompareRunsOptions, type RunLike } from './compareRuns.js';
export { contrastiveness, type ContrastivenessRow } from './contrastiveness.js';
export { diagnosis, type DiagnosisMetrics } from './diagnosis.js';
export { distributions, type Distribution } from './distributions.js';
export { figure, Plotly, type Data, type Figure, type Layout } from './figure.js';
export { gridHeatmap } from './gridHeatmap.js';
export { gradientField } from './gradientField.js';
export type { CellLike, GridLike } from './gridLike.js';
export { learning, type LearningMetrics, type LearningOptions } from './learning.js';
export { lossSurface } from './lossSurface.js';
export { loss, type LossMetrics } from './loss.js';
export { rewardCurves } from './rewardCurves.js';
export { rewards, type RewardMetrics } from './rewards.js';
export { scoreCurves } from './scoreCurves.js';
