/** A reviser from a responder: the strong model of CLAIR, asked with a prompt template. */
import type { Responder, Reviser } from '../responder.js';
import { parseRevision } from './parseRevision.js';
import { askByTemplate } from '../prompts/askByTemplate.js';
import type { Template } from '../prompts/template.js';

/** Options of `promptedReviser`. */
export interface PromptedReviserOptions {
  /** A template of the kind 'revise', or the path of its file; the project's own by default. */
  readonly template?: string | Template<'revise'>;
  /** 0.7 by default, as in the paper. */
  readonly temperature?: number;
  /** Longest completion in tokens, reasoning and solution; 4,096 by default, as in the paper. */
  readonly maxTokens?: number;
  /** The responder's name by default. */
  readonly name?: string;
}

/**
 * A reviser that asks a responder in one user message, without a system prompt, and reads the revision from the completion
 * (see `parseRevision`). A completion without a readable revision is a refusal that keeps the text.
 *
 * Settings: D'Oosterlinck et al., arXiv 2408.06266; the template is this project's.
 *
 * @throws ApolabError if the template cannot be read or a placeholder is missing
 * @example
 * const teacher = asResponder(() => '{teacher_reasoning} Wrong sum. \n{corrected_student_solution} It is 4.');
 * await promptedReviser(teacher).revise('2 + 2?', 'It is 5.', 0);
 * // { kind: 'revised', response: 'It is 4.', rationale: 'Wrong sum.' }
 */
export function promptedReviser(responder: Responder, options: PromptedReviserOptions = {}): Reviser {
  const { temperature = 0.7, maxTokens = 4096 } = options;
  const { part, ask } = askByTemplate('revise', responder, { ...options, temperature, maxTokens });
  return {
    ...part,
    revise: (prompt, response, seed, signal) =>
      ask({ prompt, response }, (text) => parseRevision(text, { policyResponse: response }), { seed, signal }),
  };
}
