/** The judge of the miniature world: it scores content, step and unit, with noise, and ignores style. */
import type { Judge } from '../../responders/responder.js';
import { createRandom } from '../../core/random.js';
import { grade } from './checker.js';
import type { World } from './world.js';

/** The weights of the judge's terms; content has weight 1. `noise` is a standard deviation. */
export const judgeWeights = { step: 0.3, unit: 0.2, noise: 0.5 } as const;

/**
 * A graded judge: `content + 0.3 step + 0.2 unit + noise`, the noise normal with standard deviation 0.5. Seed, prompt and response
 * seed the noise, so that two responses to one prompt have independent noise and the same call gives the same score.
 */
export function gradedJudge(world: World): Judge {
  return {
    name: 'graded judge',
    score: (prompt: string, response, seed) => {
      const { content, step, unit } = grade(world, prompt, response);
      const noise = createRandom(seed, world.seed, 'judge', prompt, response).normal();
      const quality = judgeWeights.step * Number(step) + judgeWeights.unit * Number(unit);
      return Promise.resolve(content + quality + judgeWeights.noise * noise);
    },
  };
}
