/** What may stand in the place of each part of a builder, and how it becomes one. */
import { asJudge, type ScoreFunction } from '../responders/judges/asJudge.js';
import type { AnswerFunction } from '../responders/asResponder.js';
import type { RevisionFunction } from '../responders/revisers/asReviser.js';
import type { Judge, PairJudge, Responder, Reviser } from '../responders/responder.js';

export type ResponderLike = Responder | AnswerFunction;
/** A responder is asked through the template `revise`. */
export type ReviserLike = Reviser | Responder | RevisionFunction;
/** A responder is asked through the template `score`. */
export type JudgeLike = Judge | PairJudge | Responder | ScoreFunction;

/** A judge of either kind out of what was given. */
export function judgeOf(given: JudgeLike): Judge | PairJudge {
  return typeof given === 'object' && 'compare' in given ? given : asJudge(given);
}
