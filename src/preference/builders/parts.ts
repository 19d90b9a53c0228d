/** What may stand in the place of each part of a builder, and how it becomes one. */
import { asJudge, type ScoreFunction } from '../prompts/asJudge.js';
import type { AnswerFunction } from '../prompts/asResponder.js';
import type { RevisionFunction } from '../prompts/asReviser.js';
import type { Judge, PairJudge, Responder, Reviser } from '../responder.js';

export type ResponderLike = Responder | AnswerFunction;
/** A responder is asked through the template `revise`. */
export type ReviserLike = Reviser | Responder | RevisionFunction;
/** A responder is asked through the template `score`. */
export type JudgeLike = Judge | PairJudge | Responder | ScoreFunction;

/** A judge of either kind out of what was given. */
export function judgeOf(given: JudgeLike): Judge | PairJudge {
  return typeof given === 'object' && 'compare' in given ? given : asJudge(given);
}
