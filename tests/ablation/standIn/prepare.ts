/** A stand-in for the preparation of a run: a base that answers half of the prompts correctly, and one pair per dataset. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { PreparedPairs, PrepareRun } from '../../../src/ablation/run/prepared.js';
import { runSettings, type RunSettings } from '../../../src/ablation/run/runSettings.js';
import { contrastiveness } from '../../../src/pairs/contrast/contrastiveness.js';
import { createRandom } from '../../../src/core/random.js';
import { scoreOf } from '../../../src/evaluation/index.js';

export const standInCell = fileURLToPath(new URL('cellEntry.mjs', import.meta.url));

/** The chosen answer of each dataset's pair. It shares two of three words with the rejected one, two of four, none, one of five. */
const chosen = {
  clair: 'it is 4',
  judge_on_policy: 'it is well 4',
  judge_off_policy: 'four',
  stronger_preferred: 'certainly it costs 4',
};

export const prepareStandIn: PrepareRun = (run, onProgress) => {
  const policy = path.join(run.out, 'policy');
  mkdirSync(policy, { recursive: true });
  writeFileSync(path.join(policy, 'model.safetensors'), 'weights');
  const random = createRandom(run.seed, 'base');
  const itemScores = Array.from({ length: run.evaluationPrompts }, () => (random.chance(0.5) ? 1 : 0));
  const pairs = Object.fromEntries(
    run.datasets.map((dataset, index): [string, PreparedPairs] => {
      const file = path.join(run.out, `${dataset}-seed${run.seed}.jsonl`);
      const pair = { prompt: 'price of bun ?', chosen: chosen[dataset], rejected: 'it is 5' };
      writeFileSync(file, `${JSON.stringify(pair)}\n`);
      const { jaccard, levenshtein } = contrastiveness([pair]);
      onProgress({ task: `pairs of ${dataset}`, done: index + 1, total: run.datasets.length });
      const skipped = dataset === 'clair' ? [{ reason: 'nothing to revise', prompt: 'where is <b>bun</b> ?' }] : [];
      return [dataset, { source: 'the stand-in', file, count: 1, skipped, jaccard, levenshtein }];
    }),
  );
  return Promise.resolve({ policy, worldSeed: run.seed, base: { score: scoreOf(itemScores), itemScores }, pairs });
};

/** A small run in `out`, whose numbers follow from its settings. */
export function standInRun(out: string, changes: Partial<RunSettings> = {}): RunSettings {
  const learningRates = { sft: 1e-4, dpo: 1e-4, kto: 1e-4, apo_zero: 1e-4, apo_down: 1e-4 };
  return runSettings({ out, epochs: 3, evaluationPrompts: 200, learningRates, parallel: 2, ...changes });
}
