/** The body of a chat completion request, and what it costs in tokens. */
import { messageText, type Message } from '../../core/message.js';
import type { Prompt, TokenUsage } from '../../pairs/pair.js';
import type { RespondOptions } from '../responder.js';
import type { Settings } from './settings.js';

/** The body of a request to `/chat/completions`. */
export type ChatRequest = Readonly<Record<string, unknown>> & {
  readonly messages: readonly Message[];
};

/** Bytes per token, for estimates of texts whose tokens no server has counted. */
const bytesPerToken = 4;

/** The request for a prompt. `repeat` is the number of times that the same prompt came before in the same call. */
export function chatRequest(
  { model, system, parameters, maxTokens: longest }: Settings,
  prompt: Prompt,
  { temperature, seed, maxTokens }: RespondOptions,
  repeat: number,
): ChatRequest {
  const given = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;
  const messages =
    system === undefined || given[0]?.role === 'system' ? given : [{ role: 'system', content: system }, ...given];
  return {
    model,
    // Whole: a server knows tool calls, names and images.
    messages: messages.map((message) => ({ ...message })),
    temperature,
    max_tokens: maxTokens ?? longest,
    // Some servers take at most 31 bits.
    seed: (seed + repeat) % 2 ** 31,
    ...parameters,
  };
}

/** The most tokens that a request can use. A text has at most as many tokens as bytes; a message adds a few more. */
export function mostTokens(request: ChatRequest): TokenUsage {
  return { input: bytesOf(request) + 16 * request.messages.length, output: Number(request.max_tokens) };
}

/** An estimate of the tokens of a request's messages. */
export function estimateInput(request: ChatRequest): number {
  return Math.ceil(bytesOf(request) / bytesPerToken);
}

/** An estimate of the tokens of a text. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

function bytesOf({ messages }: ChatRequest): number {
  return messages.reduce((sum, message) => sum + Buffer.byteLength(messageText(message)), 0);
}
