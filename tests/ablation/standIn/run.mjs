/** A run in a process of its own, which a test kills: `node run.mjs FOLDER`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { runGrid } from '../../../dist/src/ablation/run/runGrid.js';
import { runSettings } from '../../../dist/src/ablation/run/runSettings.js';
import { createRandom } from '../../../dist/src/core/random.js';
import { scoreOf } from '../../../dist/src/evaluation/evaluation.js';

/** The pairs of prepare.ts, which node cannot import. */
const chosen = { clair: 'it is 4', judge_on_policy: 'it is well 4' };

async function prepare(run) {
  const policy = path.join(run.out, 'policy');
  mkdirSync(policy, { recursive: true });
  writeFileSync(path.join(policy, 'model.safetensors'), 'weights');
  const random = createRandom(run.seed, 'base');
  const itemScores = Array.from({ length: run.evaluationPrompts }, () => (random.chance(0.5) ? 1 : 0));
  const pairs = run.datasets.map((dataset) => {
    const file = path.join(run.out, `${dataset}-seed${run.seed}.jsonl`);
    writeFileSync(
      file,
      `${JSON.stringify({ prompt: 'price of bun ?', chosen: chosen[dataset], rejected: 'it is 5' })}\n`,
    );
    return [dataset, { source: 'the stand-in', file, count: 1, skipped: [], jaccard: 0, levenshtein: 0 }];
  });
  const base = { score: scoreOf(itemScores), itemScores };
  return { policy, worldSeed: run.seed, base, pairs: Object.fromEntries(pairs) };
}

const learningRates = { sft: 1e-4, dpo: 1e-4, kto: 1e-4, apo_zero: 1e-4, apo_down: 1e-4 };
const run = runSettings({
  out: process.argv[2],
  epochs: 4,
  evaluationPrompts: 200,
  learningRates,
  parallel: 2,
  datasets: ['clair', 'judge_on_policy'],
  objectives: ['dpo', 'apo_zero'],
});
await runGrid(run, { prepare, entry: fileURLToPath(new URL('cellEntry.mjs', import.meta.url)) });
