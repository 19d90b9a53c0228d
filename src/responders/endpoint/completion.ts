/** Reading a chat completion. A server's answer may have any shape, so every field is checked. */
import type { TokenUsage } from '../../pairs/pair.js';
import type { Refusal, Response } from '../responder.js';
import { truncate } from './serverError.js';

/** An answer with status 200 that is not a usable completion. */
export class InvalidCompletionError extends Error {
  constructor(
    message: string,
    /** True for a complete answer without content: it is asked for once more, and then the refusal is final. */
    readonly empty = false,
  ) {
    super(message);
  }
}

/** What a completion contains: an answer without its time, and without tokens if the server did not count them. */
export type CompletionContent = (Omit<Response, 'time'> | Omit<Refusal, 'time'>) & {
  /** True if the server stopped at the longest length. */
  readonly isCut: boolean;
};

/**
 * The text of a completion, or the refusal that the server or the model gives instead.
 *
 * @throws InvalidCompletionError if it is neither; the same request may give one later
 * @example
 * readCompletion({ choices: [{ message: { content: 'Hi.' }, finish_reason: 'stop' }] });
 * // { kind: 'response', text: 'Hi.', isCut: false }
 */
export function readCompletion(given: unknown): CompletionContent {
  // Some servers send JSON with another content type; the OpenAI client then gives its text.
  const completion: unknown = typeof given === 'string' ? parsed(given) : given;
  const { choices, usage, model } = (completion ?? {}) as Partial<Completion>;
  if (!Array.isArray(choices)) {
    const shown = typeof given === 'string' ? given : given === undefined ? 'nothing' : JSON.stringify(given);
    throw new InvalidCompletionError(`no chat completion: ${truncate(shown, 100)}`);
  }
  const choice = choices[0] as Partial<Choice> | null | undefined;
  if (choice === undefined || choice === null) throw new InvalidCompletionError('the answer has no choices', true);
  const text = textOf(choice.message?.content);
  const tokens = tokensOf(usage);
  const origin = {
    ...(typeof model === 'string' ? { model } : {}),
    ...(tokens === undefined ? {} : { tokens }),
    isCut: choice.finish_reason === 'length',
  };
  const refused = (reason: string) =>
    ({ kind: 'skipped', reason, ...(text === '' ? {} : { text }), ...origin }) as const;
  if (choice.finish_reason === 'content_filter') return refused("the server's content filter stopped the answer");
  const declined = choice.message?.refusal;
  if (typeof declined === 'string' && declined !== '') return refused(`the model declines: ${declined}`);
  if (text.trim() === '') throw new InvalidCompletionError('the answer is empty', true);
  return { kind: 'response', text, ...origin };
}

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}
interface Choice {
  readonly finish_reason: string | null;
  readonly message: { readonly content?: unknown; readonly refusal?: unknown } | null;
}
interface Completion {
  readonly model: string;
  readonly choices: readonly Choice[];
  readonly usage: Usage | null;
}

/** A text, or a text in parts, as some servers send it. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { readonly text?: unknown } | null) => textOf(part?.text)).join('');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function tokensOf(usage: Partial<Usage> | null | undefined): TokenUsage | undefined {
  const { prompt_tokens: input, completion_tokens: output } = usage ?? {};
  return isCount(input) && isCount(output) ? { input, output } : undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
