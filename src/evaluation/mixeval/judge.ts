/** A model as MixEval's judge: how right a free-form response is, and which option a response chooses. */
import { asResponder } from '../../responders/asResponder.js';
import type { ResponderLike } from '../../responders/index.js';
import { parseScore } from '../../responders/judges/parseScore.js';
import { askByTemplate } from '../../responders/prompts/askByTemplate.js';
import { refusal } from '../../responders/refusal.js';
import type { Refusal } from '../../responders/responder.js';
import { withConcurrencyLimit } from '../../responders/withConcurrencyLimit.js';
import type { ScoredItem } from '../benchmark.js';
import { letterOf, optionLines } from './prompts.js';
import type { MixEvalQuestion } from './questions.js';

/** Judges one response. */
export type MixEvalJudge = (question: MixEvalQuestion, response: string, signal?: AbortSignal) => Promise<ScoredItem>;

/** MixEval's scale: 0 is wrong, 1 is right, in tenths. */
const scale = { lowest: 0, highest: 1 };
const settings = { temperature: 0, maxTokens: 1024 };

/** A judge that asks with the templates `grade` and `choose`. An answer that cannot be read leaves the item undecided. */
export function mixEvalJudge(given: ResponderLike): MixEvalJudge {
  const responder = asResponder(given);
  const grade = askByTemplate('grade', responder, settings);
  const choose = askByTemplate('choose', responder, settings);
  return (question, response, signal) =>
    withConcurrencyLimit(grade.part, async () => {
      const asking = { seed: 0, signal };
      const { prompt } = question;
      if (question.split === 'free-form') {
        const targets = question.targets.map((target) => `- ${target}`).join('\n');
        const judged = await grade.ask({ prompt, targets, response }, (text) => parseScore(text, scale), asking);
        if (judged.kind === 'skipped') return undecided(judged);
        const { score, reason } = judged;
        return { score, ...(reason === undefined ? {} : { reason }), verdict: { parsed: null, correct: score === 1 } };
      }
      const options = optionLines(question.options);
      const read = (text: string) => chosenOption(text, question.options.length);
      const judged = await choose.ask({ prompt, options, response }, read, asking);
      if (judged.kind === 'skipped') return undecided(judged);
      const correct = judged.option === letterOf(question.target);
      return { score: Number(correct), verdict: { parsed: judged.option, correct } };
    });
}

function undecided({ reason }: Refusal): ScoredItem {
  return { score: 0, undecided: true, reason: `the judge: ${reason}`, verdict: { parsed: null, correct: null } };
}

/** A letter after the marker, or in double brackets. The last one counts: a judge may mention options before. */
function chosenOption(
  completion: string,
  options: number,
): { readonly kind: 'option'; readonly option: string } | Refusal {
  const found = Array.from(completion.matchAll(/\{option\}\s*:\s*\**\(?\[{0,2}([A-Z])\b|\[\[([A-Z])\]\]/g)).at(-1);
  const option = found?.[1] ?? found?.[2];
  if (option === undefined) return refusal('no option: expected a last line such as {option}: A');
  if (option.charCodeAt(0) - 'A'.charCodeAt(0) < options) return { kind: 'option', option };
  return refusal(`the option ${option} is none of the question's`);
}
