/** Scoring several responses to one prompt, each alone. */
import type { Prompt } from '../../pairs/pair.js';
import type { Judge, Judgement, Refusal, Score } from '../responder.js';
import { seedFor } from '../seedFor.js';
import { withConcurrencyLimit } from '../withConcurrencyLimit.js';

/**
 * A judgement in its long form.
 *
 * @example
 * asScore(7); // { kind: 'score', score: 7 }
 */
export function asScore(judgement: Judgement): Score | Refusal {
  return typeof judgement === 'number' ? { kind: 'score', score: judgement } : judgement;
}

/**
 * The judge's score of each response, in their order. Each response gets a seed of its own; the judge does not learn about
 * the other responses.
 *
 * @example
 * const judge = asJudge((prompt, response) => response.length);
 * await scoreEach(judge, '2 + 2?', ['four', '4'], 0); // [{ kind: 'score', score: 4 }, { kind: 'score', score: 1 }]
 */
export function scoreEach(
  judge: Judge,
  prompt: Prompt,
  responses: readonly string[],
  seed: number,
  signal?: AbortSignal,
): Promise<(Score | Refusal)[]> {
  return Promise.all(
    responses.map(async (response, index) =>
      asScore(
        await withConcurrencyLimit(judge, () => judge.score(prompt, response, seedFor(seed, useOf(index)), signal)),
      ),
    ),
  );
}

/** Version 0.1.0 named the seeds of the first two in words; the same names keep the same scores. */
const useOf = (index: number) => `${['first', 'second'][index] ?? index} judged`;
