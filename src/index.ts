/**
 * apolab, the library behind the kernel: each export is a global of a notebook's cells.
 *
 * prompts -> responses -> preference pairs -> prefix trees of tokens -> log-probabilities -> objective -> gradient -> checkpoint
 * -> score -> cell -> grid. Each arrow is a function here, so every intermediate result can be looked at.
 */
export { tf, useBackend } from './tensor/index.js';
export * as models from './model/index.js';
export { objectives } from './objectives/toolbox.js';
export * as preference from './preference.js';
export * as training from './training/index.js';
export * as world from './worlds/index.js';
export * as evaluation from './evaluation/index.js';
export * as ablation from './ablation/index.js';
export * as charts from './charts/index.js';
export * as datasets from './datasets/index.js';
export { ApolabError } from './core/errors.js';
