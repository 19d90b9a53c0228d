/**
 * The parts that make pairs: who answers, who revises, who judges. Each is an interface of one method, so that an
 * endpoint, a model loaded here, the miniature world's programs, the workshop set and a user's function fit alike.
 */
import type { Prompt, TokenUsage } from '../pairs/pair.js';

/** Whatever answers prompts: a model loaded here, the miniature world's demonstrators, an endpoint, a user's function. */
export interface Responder {
  readonly name: string;
  /**
   * How many prompts it answers at the same time, each in a call of its own, as an endpoint does. Without it the responder
   * is given a batch a call, as a model loaded here wants.
   */
  readonly concurrency?: number;
  /** Keeps to its `concurrency` by itself, and wants to be handed more: an endpoint whose requests wait for another try. */
  readonly limitsConcurrency?: true;
  /** One answer a prompt, in the order of the prompts; the same seed gives the same answers. */
  respond(prompts: readonly Prompt[], options: RespondOptions): Promise<readonly Answer[]>;
}

export interface RespondOptions {
  /** 0 is greedy decoding. */
  readonly temperature: number;
  readonly seed: number;
  /** Which of several samples of the same prompt this is, from 0; the seeds of two samples differ as well. */
  readonly sample?: number;
  /** Longest answer in tokens, for responders that can be told; their own default otherwise. */
  readonly maxTokens?: number;
  /** Set off where nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** A text alone, a text with what is known of it, or the reason why there is none. */
export type Answer = string | Response | Refusal;

export interface Response extends Origin {
  readonly kind: 'response';
  readonly text: string;
}

/** No answer, no revision or no score, with the reason; it costs this prompt its pair and nothing else. */
export interface Refusal extends Origin {
  readonly kind: 'skipped';
  readonly reason: string;
  /** What came back instead, where anything did: kept beside the reason. */
  readonly text?: string;
}

/** Where an answer comes from. */
export interface Origin {
  /** The model that says it wrote it. */
  readonly model?: string;
  readonly tokens?: TokenUsage;
  /** When it came, ISO 8601; of an answer from the cache the first time. */
  readonly time?: string;
}

/** Minimally revises a response (the strong model of CLAIR). */
export interface Reviser {
  readonly name: string;
  /** How many it takes at the same time; as many as there are without it. */
  readonly concurrency?: number;
  /** As a responder's. */
  readonly limitsConcurrency?: true;
  /** Hash of its prompt template, where it has one. */
  readonly template?: string;
  revise(prompt: Prompt, response: string, seed: number, signal?: AbortSignal): Promise<Revision>;
}

/** A revision with the reasoning behind it, or the reason why there is none. */
export type Revision = Revised | Refusal;

export interface Revised extends Origin {
  readonly kind: 'revised';
  readonly response: string;
  readonly rationale: string;
}

/** Scores one response alone; the higher score is preferred. */
export interface Judge {
  readonly name: string;
  /** How many it takes at the same time; as many as there are without it. */
  readonly concurrency?: number;
  /** As a responder's. */
  readonly limitsConcurrency?: true;
  /** Hash of its prompt template, where it has one. */
  readonly template?: string;
  score(prompt: Prompt, response: string, seed: number, signal?: AbortSignal): Promise<Judgement>;
}

/** A score alone, a score with what is known of it, or the reason why there is none. */
export type Judgement = number | Score | Refusal;

export interface Score extends Origin {
  readonly kind: 'score';
  readonly score: number;
  /** The judge's own words, where it gave any. */
  readonly reason?: string;
}

/** Compares two responses to one prompt; the higher score is preferred. */
export interface PairJudge {
  readonly name: string;
  /** How many it takes at the same time; as many as there are without it. */
  readonly concurrency?: number;
  /** As a responder's. */
  readonly limitsConcurrency?: true;
  /** Hash of its prompt template, where it has one. */
  readonly template?: string;
  compare(
    prompt: Prompt,
    first: string,
    second: string,
    seed: number,
    signal?: AbortSignal,
  ): Promise<Comparison | Refusal>;
}

/** What a comparison of two responses gave each. */
export interface Comparison extends Origin {
  readonly kind: 'compared';
  readonly first: number;
  readonly second: number;
  /** Whether the verdict was the same in both orders of the two; where it was not, their order had a say in it. */
  readonly consistent: boolean;
  /** Which place won, as the two were given and then with places changed; of judges that are shown both at once. */
  readonly verdicts?: readonly [Position, Position];
  /** The judge's own words, where it gave any. */
  readonly reason?: string;
}

/** The place in which the better response was shown. */
export type Position = 'first' | 'second' | 'tie';
