/** The step that both judged datasets share: of two responses to one prompt, the judge's better one is chosen. */
import { type Outcome, paired, rejected, seedFor } from './build.js';
import type { Judge } from '../responder.js';

/** One outcome a prompt: the judged pair, or why there is none. Each response is scored alone, with a seed of its own. */
export async function preferByJudge(
  judge: Judge,
  prompts: readonly string[],
  first: readonly string[],
  second: readonly string[],
  seed: number,
): Promise<Outcome[]> {
  const prefer = async (prompt: string, index: number): Promise<Outcome> => {
    const [one, other] = [first[index]!, second[index]!];
    if (one === other) return rejected(prompt, 'both responses are the same text', one);
    const [oneScore, otherScore] = (await Promise.all([
      judge.score(prompt, one, seedFor(seed, 'first judged')),
      judge.score(prompt, other, seedFor(seed, 'second judged')),
    ])) as [number, number];
    if (oneScore > otherScore) return paired({ prompt, chosen: one, rejected: other });
    if (otherScore > oneScore) return paired({ prompt, chosen: other, rejected: one });
    return rejected(prompt, `the judge prefers neither: it scores them ${oneScore} and ${otherScore}`, one);
  };
  return Promise.all(prompts.map(prefer));
}
