/** A reviser out of a responder: the strong model of CLAIR, asked by a prompt template. */
import type { Responder, Reviser } from '../responder.js';
import { parseRevision } from './parseRevision.js';
import { askByTemplate } from '../prompts/askByTemplate.js';
import type { Template } from '../prompts/template.js';

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
  const { temperature = 0.7, maxTokens = 4096 } = options;
  const { part, ask } = askByTemplate('revise', responder, { ...options, temperature, maxTokens });
  return {
    ...part,
    revise: (prompt, response, seed, signal) =>
      ask({ prompt, response }, (text) => parseRevision(text, { policyResponse: response }), { seed, signal }),
  };
}
