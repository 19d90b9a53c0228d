/** Win rate: how often a judge prefers the responses to those of a baseline, asked in both orders. */
import { ApolabError } from '../core/errors.js';
import type { Prompt } from '../pairs/pair.js';
import { asPairJudge } from '../responders/judges/asPairJudge.js';
import { pairwiseJudge } from '../responders/judges/pairwiseJudge.js';
import type { JudgeLike } from '../responders/judges/judgeLike.js';
import type { PairJudge } from '../responders/responder.js';
import { withConcurrencyLimit } from '../responders/withConcurrencyLimit.js';
import type { ItemId, ResponseBenchmark, ScoredItem } from './benchmark.js';
import { dataFile, readRows, type FileRow } from './readRows.js';

/** Where prompts and baseline are, and who judges. */
export interface WinRateOptions {
  /** A JSONL file, or a folder with `prompts.jsonl`: rows of `prompt` and the baseline's `response`, and an `id` if they have one. */
  readonly data: string;
  /** A model, which then compares two responses (`pairwiseJudge`), or a judge. */
  readonly judge: JudgeLike;
}

/** A prompt, the baseline's response, and the judge. */
export interface WinRateExample {
  readonly id: ItemId;
  readonly prompt: Prompt;
  readonly baseline: string;
  readonly judge: PairJudge;
}

/**
 * The benchmark: a response scores 1 if the judge prefers it to the baseline's in both orders, 0 if it prefers the baseline's, and
 * 0.5 for a tie. A verdict that changes with the order counts as a tie. If the judge gives no verdict, the item is undecided.
 *
 * Its parts are the shares of wins, ties and losses, of verdicts that changed with the order, and how often these preferred the
 * first place: 50 if the judge prefers none.
 *
 * Source: Zheng et al., Judging LLM-as-a-Judge, arXiv 2306.05685, section 3.4.
 */
export const winRate: ResponseBenchmark<WinRateExample, WinRateOptions> = {
  label: 'Win rate',
  measures: 'How often a judge prefers the responses to those of a baseline, asked in both orders.',
  needs: ['files', 'network'],
  generation: { maxNewTokens: 1024 },
  examples: async ({ data, judge: given }) => {
    if ((given as unknown) === undefined)
      throw new ApolabError('The win rate needs a judge: give a model or a judge of pairs.');
    const judge = typeof given === 'object' && 'respond' in given ? pairwiseJudge(given) : asPairJudge(given);
    const file = dataFile(data, 'prompts.jsonl', 'baseline.jsonl');
    return (await readRows(file)).map((row, index) => exampleOf(row, index, `Row ${index + 1} of ${file}`, judge));
  },
  id: ({ id }) => id,
  prompt: ({ prompt }) => prompt,
  score: async ({ prompt, baseline, judge }, response, signal) => {
    const compared = await withConcurrencyLimit(judge, () => judge.compare(prompt, response, baseline, 0, signal));
    if (compared.kind === 'skipped')
      return { score: 0, undecided: true, reason: `the judge: ${compared.reason}`, verdict: { verdicts: null } };
    const { first, second, consistent, verdicts, reason } = compared;
    const score = first === second ? 0.5 : Number(first > second);
    const parts = [
      { name: 'wins', score: Number(score === 1) },
      { name: 'ties', score: Number(score === 0.5) },
      { name: 'losses', score: Number(score === 0) },
      { name: 'verdict changes with the order', score: Number(!consistent) },
      ...(consistent || verdicts === undefined ? [] : [firstPlace(verdicts)]),
    ];
    return {
      score,
      parts,
      ...(reason === undefined ? {} : { reason }),
      verdict: { verdicts, consistent },
    } satisfies ScoredItem;
  },
};

/** Of a verdict that changed with the order: 1 if the first place was preferred, 0 if the second was, 0.5 if one was a tie. */
function firstPlace(verdicts: readonly ('first' | 'second' | 'tie')[]) {
  const worth = { first: 1, tie: 0.5, second: 0 } as const;
  const mean = verdicts.reduce((sum, verdict) => sum + worth[verdict], 0) / verdicts.length;
  return { name: 'of these to the first place', score: mean };
}

function exampleOf(row: FileRow, index: number, where: string, judge: PairJudge): WinRateExample {
  const { id = index, prompt, response, output = response, chosen: baseline = output } = row;
  if (typeof prompt !== 'string' && !Array.isArray(prompt)) throw new ApolabError(`${where} has no prompt.`);
  if (typeof baseline !== 'string') throw new ApolabError(`${where} has no response: the baseline's, to compare with.`);
  return {
    id: { id: typeof id === 'number' || typeof id === 'string' ? id : index },
    prompt: prompt as Prompt,
    baseline,
    judge,
  };
}
