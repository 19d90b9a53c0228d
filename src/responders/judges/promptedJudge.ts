/** A judge from a responder: a model that scores one response alone, asked with a prompt template. */
import type { Judge, Responder } from '../responder.js';
import { checkScale, parseScore, type Scale, usualScale } from './parseScore.js';
import { askByTemplate } from '../prompts/askByTemplate.js';
import type { Template } from '../prompts/template.js';

/** Options of `promptedJudge`. */
export interface PromptedJudgeOptions {
  /** A template of the kind 'score', or the path of its file; the project's own by default. */
  readonly template?: string | Template<'score'>;
  /** 1 to 10 by default. */
  readonly scale?: Scale;
  /** 0 by default: the same response gets the same score. */
  readonly temperature?: number;
  /** Longest completion in tokens, reasoning and score; 1,024 by default. */
  readonly maxTokens?: number;
  /** The responder's name by default. */
  readonly name?: string;
}

/**
 * A judge that asks a responder in one user message, without a system prompt, and reads the score from the completion (see
 * `parseScore`); the judge's words are the score's `reason`. A completion without a readable score is a refusal that keeps
 * the text.
 *
 * @throws ApolabError if the template cannot be read or a placeholder is missing, or if the scale is empty
 * @example
 * const examiner = asResponder(() => 'Right, and short.\n{score}: 9');
 * await promptedJudge(examiner).score('2 + 2?', 'It is 4.', 0); // { kind: 'score', score: 9, reason: 'Right, and short.' }
 */
export function promptedJudge(responder: Responder, options: PromptedJudgeOptions = {}): Judge {
  const { scale = usualScale, temperature = 0, maxTokens = 1024 } = options;
  checkScale(scale);
  const { part, ask } = askByTemplate('score', responder, { ...options, temperature, maxTokens });
  return {
    ...part,
    score: (prompt, response, seed, signal) =>
      ask({ prompt, response, ...scale }, (text) => parseScore(text, scale), { seed, signal }),
  };
}
