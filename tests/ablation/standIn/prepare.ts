/** A stand-in for the preparation of a run: a base that answers half of the prompts, and pairs that nobody trains on. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { PreparedPairs, PrepareRun } from '../../../src/ablation/prepared.js';
import { runSettings, type RunSettings } from '../../../src/ablation/runSettings.js';
import { scoreOf } from '../../../src/ablation/statistics.js';
import { createRandom } from '../../../src/random.js';

export const standInCell = fileURLToPath(new URL('cellProcess.mjs', import.meta.url));

const contrast = {
  clair: { jaccard: 0.65, levenshtein: 8.7 },
  judge_on_policy: { jaccard: 0.25, levenshtein: 26 },
  judge_off_policy: { jaccard: 0.2, levenshtein: 27.2 },
  stronger_preferred: { jaccard: 0.17, levenshtein: 92.9 },
};

export const prepareStandIn: PrepareRun = (run, onProgress) => {
  const policy = path.join(run.out, 'policy');
  mkdirSync(policy, { recursive: true });
  writeFileSync(path.join(policy, 'model.safetensors'), 'weights');
  const random = createRandom(run.seed, 'base');
  const correct = Array.from({ length: run.evaluationPrompts }, () => (random.chance(0.5) ? '1' : '0')).join('');
  const pairs = Object.fromEntries(
    run.datasets.map((dataset, index): [string, PreparedPairs] => {
      const file = path.join(run.out, `${dataset}-seed${run.seed}.jsonl`);
      writeFileSync(file, `${JSON.stringify({ prompt: 'p', chosen: 'c', rejected: 'r' })}\n`);
      onProgress({ task: `pairs of ${dataset}`, done: index + 1, total: run.datasets.length });
      const rejected = dataset === 'clair' ? [{ reason: 'nothing to revise', prompt: 'where is <b>bun</b> ?' }] : [];
      return [dataset, { source: 'the stand-in', file, count: 1, rejected, ...contrast[dataset] }];
    }),
  );
  return Promise.resolve({ policy, worldSeed: run.seed, base: { score: scoreOf(correct), correct }, pairs });
};

/** A small run in `out`, whose numbers follow from its settings. */
export function standInRun(out: string, changes: Partial<RunSettings> = {}): RunSettings {
  const learningRates = { sft: 1e-4, dpo: 1e-4, kto: 1e-4, apo_zero: 1e-4, apo_down: 1e-4 };
  return runSettings({ out, epochs: 3, evaluationPrompts: 200, learningRates, parallel: 2, ...changes });
}
