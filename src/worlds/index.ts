/** The worlds: settings in which the quality of a response is checked by rule. The global `world` of a cell is this module. */
export * from './village/index.js';
