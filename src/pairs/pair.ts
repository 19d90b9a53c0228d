import type { BuilderId } from '../builders/catalog.js';

/** One message of a conversation. */
export interface Message {
  readonly role: string;
  readonly content: string;
}

/** What a policy is asked: a text, or the messages of a conversation whose last one is the user's. */
export type Prompt = string | readonly Message[];

/**
 * A preference pair: two responses to one prompt, of which the first is preferred.
 *
 * Text is plain (TRL's standard format). A row that was written as a conversation keeps its messages beside the text, so
 * that a model with a chat template is given them through it.
 */
export interface PreferencePair {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  /** Why the chosen response is better, where the builder says so (the reviser of CLAIR does). */
  readonly rationale?: string;
  /** The messages that both responses answer, of a conversational row; `prompt` is the last of them, as text. */
  readonly conversation?: readonly Message[];
  /** What the judge gave each response, on its scale; files write them as `score_chosen` and `score_rejected`. */
  readonly scores?: PairScores;
  /** How the pair came to be, where a builder made it. */
  readonly provenance?: Provenance;
  /** What else the row of a file holds, column by column, as it was read; written again when the pair is. */
  readonly columns?: Readonly<Record<string, unknown>>;
}

export interface PairScores {
  readonly chosen: number;
  readonly rejected: number;
}

/** Where a pair comes from, so that it can be made again. */
export interface Provenance {
  readonly builder: BuilderId;
  readonly seed: number;
  /** Who wrote, revised and judged, by part: `{ policy: 'my-model', reviser: 'gpt-4-turbo' }`. */
  readonly models: Readonly<Record<string, string>>;
  /** Hashes of the prompt templates in use, by name: `{ revise: '3f2a...' }`; absent where none was. */
  readonly templates?: Readonly<Record<string, string>>;
  /** What all requests for this pair took together; absent where nobody counted. */
  readonly tokens?: TokenUsage;
  /** When its last answer came, ISO 8601. Files leave it out, so that the same answers give the same bytes. */
  readonly time?: string;
}

/** Tokens of requests: what was sent, and what was written in answer. */
export interface TokenUsage {
  readonly input: number;
  readonly output: number;
}

/** The last message as text: what the user asks. */
export function promptText(prompt: Prompt): string {
  return typeof prompt === 'string' ? prompt : (prompt.at(-1)?.content ?? '');
}
