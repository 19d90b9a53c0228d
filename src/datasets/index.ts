/** What is in `datasets/`, by name: the miniature world's policies, the workshop set, the paper's published numbers and sets. */
import path from 'node:path';
import type { ObjectiveId } from '../objectives/catalog.js';
import { datasetsFolder, readJson } from './folder.js';

export { hub, type HubDataset } from './hub.js';
export { paper, type Published, type PublishedCell, type PublishedNumber } from './paper.js';
/** Prompts with answers that a person can read, and the parts that make pairs of them offline. */
export * as workshop from './workshop.js';

/** The miniature world: a village ledger in which every answer can be checked. */
export const miniatureWorld = {
  folder: path.join(datasetsFolder, 'miniature-world'),
  /** How many worlds have a pretrained policy here: 0, 1 and 2. */
  worlds: 3,
  /**
   * Folder of the base policy that was pretrained in that world (config, tokenizer, safetensors).
   *
   * @example
   * const policy = await models.fromPretrained(datasets.miniatureWorld.policy(0));
   */
  policy: (worldSeed = 0): string => path.join(datasetsFolder, 'miniature-world', `policy-${worldSeed}`),
  /** The settings that were frozen before the run that counts. */
  tuning: (): Tuning => readJson('miniature-world/tuning.json') as Tuning,
};

/** `datasets/miniature-world/tuning.json`: chosen with the same budget for every objective, on the validation split. */
export interface Tuning {
  readonly learningRates: Readonly<Partial<Record<ObjectiveId, number>>>;
}
