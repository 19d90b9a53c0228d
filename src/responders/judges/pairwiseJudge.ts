/** A judge of pairs from a responder, which gets both responses in one prompt, in both orders. */
import { seedFor } from '../seedFor.js';
import type { Comparison, PairJudge, Position, Refusal, Responder } from '../responder.js';
import { joinedOrigins } from '../origin.js';
import { parseVerdict, type Verdict } from './parseVerdict.js';
import { askByTemplate } from '../prompts/askByTemplate.js';
import type { Template } from '../prompts/template.js';

/** Options of `pairwiseJudge`. */
export interface PairwiseJudgeOptions {
  /** A template of the kind 'compare', or the path of its file; the project's own by default. */
  readonly template?: string | Template<'compare'>;
  /** 0 by default. */
  readonly temperature?: number;
  /** Longest completion in tokens, reasoning and verdict; 1,024 by default. */
  readonly maxTokens?: number;
  /** The responder's name by default. */
  readonly name?: string;
}

/** The position of the winner. */
const placeOf = { A: 'first', B: 'second', tie: 'tie' } as const satisfies Record<Verdict, Position>;
/** Points of the response in the first position. */
const points = { first: 1, tie: 0.5, second: 0 } as const satisfies Record<Position, number>;

/**
 * A judge of pairs that asks a responder twice, with the responses swapped the second time. A win gives 1 point, a tie 0.5,
 * a loss 0; the score of a response is the mean of both. A verdict that changes with the order counts as a tie (0.5 and
 * 0.5), and `consistent` is false: see `positionBias`.
 *
 * Source of the two orders: Zheng et al., Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena, arXiv 2306.05685,
 * section 3.4.
 *
 * @throws ApolabError if the template cannot be read or a placeholder is missing
 * @example
 * const judge = pairwiseJudge(asResponder(() => '{verdict}: A'));
 * await judge.compare('2 + 2?', '4', '5', 0);
 * // { kind: 'compared', first: 0.5, second: 0.5, consistent: false, verdicts: ['first', 'first'] }
 */
export function pairwiseJudge(responder: Responder, options: PairwiseJudgeOptions = {}): PairJudge {
  const { temperature = 0, maxTokens = 1024 } = options;
  const { part, ask } = askByTemplate('compare', responder, { ...options, temperature, maxTokens });
  return {
    ...part,
    compare: async (prompt, one, other, seed, signal): Promise<Comparison | Refusal> => {
      const askInOrder = async (first: string, second: string, use: string) => {
        const asking = { seed: seedFor(seed, use), signal };
        const answer = await ask({ prompt, first, second }, parseVerdict, asking);
        return answer.kind === 'skipped' ? { ...answer, reason: `${use}: ${answer.reason}` } : answer;
      };
      const [given, changed] = await Promise.all([
        askInOrder(one, other, 'as given'),
        askInOrder(other, one, 'places changed'),
      ]);
      if (given.kind === 'skipped') return given;
      if (changed.kind === 'skipped') return changed;
      const verdicts = [placeOf[given.verdict], placeOf[changed.verdict]] as const;
      const [won, wonAgain] = [points[verdicts[0]], 1 - points[verdicts[1]]];
      const first = (won + wonAgain) / 2;
      const words = [given.reason, changed.reason].filter((reason) => reason !== undefined);
      return {
        kind: 'compared',
        first,
        second: 1 - first,
        consistent: won === wonAgain,
        verdicts,
        ...(words.length === 0 ? {} : { reason: words.join('\n\n') }),
        ...joinedOrigins([given, changed]),
      };
    },
  };
}
