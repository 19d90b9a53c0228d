/** Scores the base policy, and builds the pairs of every dataset or reads them from a user's file. */
import path from 'node:path';
import { collect } from '../../builders/collect.js';
import { ApolabError } from '../../core/errors.js';
import { writeAtomic } from '../../core/atomicFile.js';
import { miniatureWorld } from '../../datasets/index.js';
import type { DatasetId } from '../../datasets/paper.js';
import { fromPretrained, type LanguageModel } from '../../model/index.js';
import {
  contrastiveness,
  formatSkipped,
  readPairs,
  writePairs,
  type PreferencePair,
  type SkippedPrompt,
} from '../../pairs/index.js';
import { whyNotTrainable } from '../../training/index.js';
import { buildPairs, createWorld } from '../../worlds/village/index.js';
import { scorePolicy } from '../cell/scorePolicy.js';
import type { PreparedPairs, PreparedRun, PrepareRun } from './prepared.js';
import type { RunSettings } from './runSettings.js';

/**
 * Prepares one seed. Its village is `seed` modulo the number of pretrained policies: another seed has another village, other
 * prompts, samples and batches.
 *
 * Pairs are written to `<run folder>/pairs/`, skipped rows and prompts beside them in a `.skipped.jsonl`.
 *
 * @throws ApolabError if a user's file holds no pair that can be trained on
 */
export const prepareRun: PrepareRun = async (run, onProgress): Promise<PreparedRun> => {
  const worldSeed = run.seed % miniatureWorld.worlds;
  const folder = miniatureWorld.policy(worldSeed);
  const policy = await fromPretrained(folder);
  const total = run.datasets.length + 1;
  onProgress({ task: 'scoring the base policy', done: 0, total });
  const base = await scorePolicy(policy, { worldSeed, evaluationPrompts: run.evaluationPrompts, split: run.split });
  const pairs: Partial<Record<DatasetId, PreparedPairs>> = {};
  for (const [index, dataset] of run.datasets.entries()) {
    onProgress({ task: `pairs for ${dataset}`, done: index + 1, total });
    const given = run.pairs[dataset];
    pairs[dataset] =
      given === undefined
        ? await buildOwnPairs(run, dataset, worldSeed, policy)
        : await readGivenPairs(run, dataset, given, policy);
  }
  onProgress({ task: 'prepared', done: total, total });
  policy.dispose();
  return { policy: folder, worldSeed, base, pairs };
};

async function buildOwnPairs(
  run: RunSettings,
  dataset: DatasetId,
  worldSeed: number,
  policy: LanguageModel,
): Promise<PreparedPairs> {
  const skipped: SkippedPrompt[] = [];
  const built = buildPairs(createWorld(worldSeed), dataset, policy, {
    count: run.pairCount,
    seed: run.seed,
    onSkipped: (prompt) => skipped.push(prompt),
  });
  const source = `the miniature world ${worldSeed}, ${dataset} builder, seed ${run.seed}`;
  return keep(run, dataset, source, await collect(built), skipped);
}

async function readGivenPairs(
  run: RunSettings,
  dataset: DatasetId,
  file: string,
  { tokenizer, config }: LanguageModel,
): Promise<PreparedPairs> {
  const { pairs, skipped } = await readPairs(file, {
    check: (pair) => whyNotTrainable(tokenizer, config.maxPositions, pair),
  });
  if (pairs.length === 0) {
    throw new ApolabError(`${file} has no row that can be trained on.\n${formatSkipped(skipped, file)}`);
  }
  return keep(run, dataset, file, pairs, skipped);
}

async function keep(
  run: RunSettings,
  dataset: DatasetId,
  source: string,
  pairs: readonly PreferencePair[],
  skipped: PreparedPairs['skipped'],
): Promise<PreparedPairs> {
  const name = path.join(run.out, 'pairs', `${dataset}-seed${run.seed}`);
  await writePairs(`${name}.jsonl`, pairs);
  await writeAtomic(`${name}.skipped.jsonl`, skipped.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const { jaccard, levenshtein } = contrastiveness(pairs);
  return { source, file: `${name}.jsonl`, count: pairs.length, skipped, jaccard, levenshtein };
}
