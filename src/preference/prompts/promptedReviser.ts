/** A reviser out of a responder: the strong model of CLAIR, asked by a prompt template. */
import type { Responder, Reviser } from '../responder.js';
import { askOne, originOf, paceOf } from './ask.js';
import { parseRevision } from './parseRevision.js';
import { loadTemplate, renderTemplate, type Template } from './template.js';

export interface PromptedReviserOptions {
  /** A template of the kind 'revise' or the path of its file; the project's own by default. */
  readonly template?: string | Template<'revise'>;
  /** 0.7 by default, the paper's. */
  readonly temperature?: number;
  /** Longest completion in tokens, reasoning and solution; 4,096 by default, the paper's. */
  readonly maxTokens?: number;
  /** The responder's by default. */
  readonly name?: string;
}

/**
 * A reviser that asks a responder, in one user message and without a system prompt, and reads the revision out of its
 * completion (see `parseRevision`). A completion without a readable one is rejected with its reason and kept.
 *
 * Settings: D'Oosterlinck et al., arXiv 2408.06266; the template is this project's.
 *
 * @throws ApolabError where the template can't be read or lacks a placeholder
 * @example
 * const teacher = asResponder(() => '{teacher_reasoning} Wrong sum. \n{corrected_student_solution} It is 4.');
 * await promptedReviser(teacher).revise('2 + 2?', 'It is 5.', 0);
 * // { kind: 'revised', response: 'It is 4.', rationale: 'Wrong sum.' }
 */
export function promptedReviser(responder: Responder, options: PromptedReviserOptions = {}): Reviser {
  const { temperature = 0.7, maxTokens = 4096, name = responder.name } = options;
  const template = typeof options.template === 'object' ? options.template : loadTemplate('revise', options.template);
  const ask = askOne(responder);
  return {
    name,
    template: template.hash,
    ...paceOf(responder),
    revise: async (prompt, response, seed, signal) => {
      const content = renderTemplate(template, { prompt, response });
      const answer = await ask([{ role: 'user', content }], {
        temperature,
        seed,
        maxTokens,
        ...(signal && { signal }),
      });
      if (answer.kind === 'rejected') return answer;
      const revision = parseRevision(answer.text, { studentResponse: response });
      return revision.kind === 'revised'
        ? { ...revision, ...originOf(answer) }
        : { ...revision, text: answer.text, ...originOf(answer) };
    },
  };
}
