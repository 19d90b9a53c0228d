/** Whatever answers prompts: a model loaded here, the miniature world's demonstrators, an endpoint, a user's function. */
export interface Responder {
  readonly name: string;
  /** One response a prompt, in the order of the prompts; the same seed gives the same responses. */
  respond(prompts: readonly string[], options: RespondOptions): Promise<string[]>;
}

export interface RespondOptions {
  /** 0 is greedy decoding. */
  readonly temperature: number;
  readonly seed: number;
}

/** Minimally revises a response (the strong model of CLAIR). */
export interface Reviser {
  readonly name: string;
  revise(prompt: string, response: string, seed: number): Promise<Revision>;
}

/** A revision with the reasoning behind it, or the reason why there is none. */
export type Revision =
  | { readonly kind: 'revised'; readonly response: string; readonly rationale: string }
  | { readonly kind: 'rejected'; readonly reason: string };

/** Scores one response alone; the higher score is preferred. */
export interface Judge {
  readonly name: string;
  score(prompt: string, response: string, seed: number): Promise<number>;
}

/** A prompt that gave no pair, with its reason: nothing is dropped without being counted and shown. */
export interface RejectedPrompt {
  readonly prompt: string;
  readonly response?: string;
  readonly reason: string;
}
