/**
 * apolab, the library behind the kernel: everything that a cell finds under a global's name.
 *
 * prompts -> responses -> preference pairs -> token trees -> log-probabilities -> objective -> gradient -> checkpoint ->
 * score -> cell -> grid; each arrow is a function here, and a person can stop after any of them and look.
 */
export { tf, useBackend } from './tensor/index.js';
export * as models from './model/index.js';
export { objectives } from './objectives/index.js';
export * as preference from './preference.js';
export * as training from './training/index.js';
export * as world from './worlds/village/index.js';
export * as ablation from './ablation/index.js';
export * as charts from './charts/index.js';
export * as datasets from './datasets/index.js';
export { ApolabError } from './core/errors.js';
