/**
 * apolab, the library behind the kernel: the globals of a cell.
 *
 * prompts -> responses -> preference pairs -> token trees -> log-probabilities -> objective -> gradient -> checkpoint ->
 * score on a benchmark -> cell -> grid. Each arrow is a function, so every intermediate result can be inspected.
 */
export { tf, useBackend } from './tensor/index.js';
export * as models from './model/index.js';
export { objectives } from './objectives/index.js';
export * as preference from './preference.js';
export * as training from './training/index.js';
export * as world from './worlds/village/index.js';
export * as evaluation from './evaluation/index.js';
export * as ablation from './ablation/index.js';
export * as charts from './charts/index.js';
export * as datasets from './datasets/index.js';
export { ApolabError } from './core/errors.js';
