import type { BuilderId } from '../builders/catalog.js';
import { messageText, type Message } from '../core/message.js';

export type { ContentPart, Message } from '../core/message.js';

/** What a model is asked: a text, or the messages of a conversation, the last of them by the user or a tool. */
export type Prompt = string | readonly Message[];

/**
 * A preference pair: a preferred and a rejected response to one prompt.
 *
 * The texts are plain (TRL's standard format). A pair from a conversational row keeps its messages as well, for models with
 * a chat template.
 */
export interface PreferencePair {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  /** Why the chosen response is better, if the builder gives a reason (the reviser of CLAIR does). */
  readonly rationale?: string;
  /** The messages before the responses, if the row is conversational; `prompt` is the text of the last one. */
  readonly conversation?: readonly Message[];
  /** The messages of the responses, if they are more than one text each: with tool calls, reasoning, or several messages. */
  readonly responseMessages?: PairMessages;
  /** The tools that the conversation may call, as JSON schemas; the column `tools`. */
  readonly tools?: readonly unknown[];
  /** The judge's scores, on the judge's scale; `score_chosen` and `score_rejected` in files. */
  readonly scores?: PairScores;
  /** How the pair was made, if a builder made it. */
  readonly provenance?: Provenance;
  /** The other columns of the pair's row, as they were read; they are written back with the pair. */
  readonly columns?: Readonly<Record<string, unknown>>;
}

/** The messages of a pair's responses; `chosen` and `rejected` of the pair are their texts. */
export interface PairMessages {
  readonly chosen: readonly Message[];
  readonly rejected: readonly Message[];
}

/** The scores of a pair's responses, on one scale; higher is better. */
export interface PairScores {
  readonly chosen: number;
  readonly rejected: number;
}

/** What is needed to make a pair again. */
export interface Provenance {
  readonly builder: BuilderId;
  readonly seed: number;
  /** The models by role: `{ policy: 'my-model', reviser: 'gpt-4-turbo' }`. */
  readonly models: Readonly<Record<string, string>>;
  /** Hashes of the prompt templates by name: `{ revise: '3f2a...' }`; absent if no template was used. */
  readonly templates?: Readonly<Record<string, string>>;
  /** Tokens of all requests for this pair; absent if they were not counted. */
  readonly tokens?: TokenUsage;
  /** Time of its last response, ISO 8601. Files leave it out, so that the same responses give the same bytes. */
  readonly time?: string;
}

/** Tokens of requests: `input` was sent, `output` was generated. */
export interface TokenUsage {
  readonly input: number;
  readonly output: number;
}

/** The text of a prompt: that of its last message if it is a conversation. */
export function promptText(prompt: Prompt): string {
  if (typeof prompt === 'string') return prompt;
  const last = prompt.at(-1);
  return last === undefined ? '' : messageText(last);
}

/** The messages of both responses of a conversational pair. */
export function messagesOf({ chosen, rejected, responseMessages }: PreferencePair): PairMessages {
  const answer = (content: string): readonly Message[] => [{ role: 'assistant', content }];
  return responseMessages ?? { chosen: answer(chosen), rejected: answer(rejected) };
}
