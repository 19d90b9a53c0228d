/**
 * A stand-in for the trainer in a real cell process: it trains nothing, and its scores follow from the settings alone.
 *
 * It writes one line per started cell to the file STAND_IN_LOG. STAND_IN_DELAY is the time per step in ms. A cell named in
 * STAND_IN_FAIL as `clair/dpo:2` fails its first 2 attempts.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { serveCells } from '../../../dist/src/ablation/cell/cellServer.js';
import { createRandom } from '../../../dist/src/core/random.js';
import { scoreOf } from '../../../dist/src/evaluation/evaluation.js';

const log = process.env.STAND_IN_LOG;
const delay = Number(process.env.STAND_IN_DELAY ?? 0);
const gains = { clair: 0.3, judge_on_policy: 0.12, judge_off_policy: 0.06, stronger_preferred: -0.1 };
const factors = { sft: 0.4, dpo: 0.7, kto: 0.8, apo_zero: 1, apo_down: 0.5 };

serveCells(
  async (settings, base, onProgress) => {
    const { dataset, objective, seed, epochs } = settings;
    const name = `${dataset}/${objective}`;
    appendFileSync(log, `${name} ${process.pid}\n`);
    const attempts = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(`${name} `)).length;
    const [failing, times] = (process.env.STAND_IN_FAIL ?? '').split(':');
    if (failing === name && attempts <= Number(times)) throw new Error(`the stand-in fails at attempt ${attempts}`);

    const itemScores = [];
    const history = [];
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const random = createRandom(seed, name, epoch, settings.beta);
      const gain = gains[dataset] * factors[objective] * Math.sqrt(epoch / epochs);
      const answers = base.itemScores.map((score) => {
        if (score === 0) return random.chance(Math.max(0.02, gain)) ? 1 : 0;
        return random.chance(Math.max(0.02, -gain)) ? 0 : 1;
      });
      itemScores.push(answers);
      const chosen = gain * epoch;
      history.push({
        loss: 1 - gain,
        'rewards/chosen': chosen,
        'rewards/rejected': -2 * chosen,
        'rewards/margins': 3 * chosen,
      });
      await sleep(delay);
      onProgress({ step: epoch, steps: epochs, epoch, epochs });
    }
    const scores = itemScores.map(scoreOf);
    const maxChange = Math.max(...scores) - base.score;
    const meanChange = scores.reduce((sum, score) => sum + score, 0) / epochs - base.score;
    return { dataset, objective, seed, scores, maxChange, meanChange, itemScores, history, settings, seconds: 1 };
  },
  async () => 'stand-in',
);
