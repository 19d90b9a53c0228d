/**
 * The interfaces of responders, revisers and judges. Each has one method, so that an endpoint, a model loaded here, the
 * miniature world's programs, the workshop set and a user's function can all implement it.
 */
import type { Prompt, TokenUsage } from '../pairs/pair.js';
import type { ConcurrencyLimit } from './withConcurrencyLimit.js';

/**
 * Answers prompts. Without a `concurrency` it gets a batch per call, as is best for a model loaded here; with one, each
 * prompt is a call of its own.
 */
export interface Responder extends ConcurrencyLimit {
  readonly name: string;
  /** One answer per prompt, in the order of the prompts; the same seed gives the same answers. */
  respond(prompts: readonly Prompt[], options: RespondOptions): Promise<readonly Answer[]>;
}

/** How a responder is to answer. */
export interface RespondOptions {
  /** 0 is greedy decoding. */
  readonly temperature: number;
  readonly seed: number;
  /** Number of this sample among several of the same prompt, from 0; each sample has a seed of its own as well. */
  readonly sample?: number;
  /** Longest answer in tokens, for responders that support it; their own limit by default. */
  readonly maxTokens?: number;
  /** Aborted when the answers are no longer needed. */
  readonly signal?: AbortSignal;
}

/** A text alone, a text with its origin, or a refusal. */
export type Answer = string | Response | Refusal;

/** A text with its origin. */
export interface Response extends Origin {
  readonly kind: 'response';
  readonly text: string;
}

/** The reason why there is no answer, no revision or no score. The prompt is skipped; the others go on. */
export interface Refusal extends Origin {
  readonly kind: 'skipped';
  readonly reason: string;
  /** The text that came instead, if there is one. */
  readonly text?: string;
}

/** Where an answer comes from. */
export interface Origin {
  /** The model that wrote it, by the server's own word. */
  readonly model?: string;
  readonly tokens?: TokenUsage;
  /** What the model thought before it answered; it is taken off the text. */
  readonly reasoning?: string;
  /** The time of the answer, ISO 8601; for an answer from the cache, the time when the server gave it. */
  readonly time?: string;
}

/** What revisers and judges have in common. */
interface ModelPart extends ConcurrencyLimit {
  readonly name: string;
  /** Hash of its prompt template, if it has one. */
  readonly template?: string;
}

/** Minimally revises a response (the strong model of CLAIR). */
export interface Reviser extends ModelPart {
  revise(prompt: Prompt, response: string, seed: number, signal?: AbortSignal): Promise<Revision>;
}

/** A revision with the reasoning behind it, or a refusal. */
export type Revision = Revised | Refusal;

/** A revised response. */
export interface Revised extends Origin {
  readonly kind: 'revised';
  readonly response: string;
  /** What was changed and why; '' if the reviser gave no reason. */
  readonly rationale: string;
}

/** Scores one response alone; the higher score is preferred. */
export interface Judge extends ModelPart {
  score(prompt: Prompt, response: string, seed: number, signal?: AbortSignal): Promise<Judgement>;
}

/** A score alone, a score with its reason and origin, or a refusal. */
export type Judgement = number | Score | Refusal;

/** A score with its reason and origin. */
export interface Score extends Origin {
  readonly kind: 'score';
  readonly score: number;
  /** The judge's own words, if it gave any. */
  readonly reason?: string;
}

/** Compares two responses to one prompt; the higher score is preferred. */
export interface PairJudge extends ModelPart {
  compare(
    prompt: Prompt,
    first: string,
    second: string,
    seed: number,
    signal?: AbortSignal,
  ): Promise<Comparison | Refusal>;
}

/** The scores of two responses that were compared. */
export interface Comparison extends Origin {
  readonly kind: 'compared';
  readonly first: number;
  readonly second: number;
  /** True if the verdict was the same in both orders of the two responses. */
  readonly consistent: boolean;
  /** The position that won, in the given order and in the other one; from judges that get both responses at once. */
  readonly verdicts?: readonly [Position, Position];
  /** The judge's own words, if it gave any. */
  readonly reason?: string;
}

/** The position of the better response. */
export type Position = 'first' | 'second' | 'tie';
