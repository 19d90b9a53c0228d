/** Reading the body of an answer: whole JSON or a stream of events, in one form. Every field may have any shape. */
import type { TokenUsage } from '../../pairs/pair.js';
import { fieldsOf } from './serverError.js';
import { largerCounts, tokensOfAnswer } from './tokenCounts.js';

/** What the body of an answer says. */
export interface AnswerBody {
  readonly model: string | undefined;
  readonly tokens: TokenUsage | undefined;
  /** The first choice; undefined if there is none. */
  readonly choice: AnswerChoice | undefined;
  /** The body with its error, if it has one. */
  readonly error: unknown;
  /** True if a completion came to its end, as far as the body says. */
  readonly isComplete: boolean;
  /** False for a body that is not a chat completion at all. */
  readonly isCompletion: boolean;
}

/** What the model wrote. */
export interface AnswerChoice {
  readonly text: string;
  readonly reasoning: string;
  readonly refusal: string;
  /** The finish reason; undefined if there is none. */
  readonly finish: string | undefined;
}

/**
 * Reads a body. Servers may stream without being asked to, and answer whole although they are asked to stream.
 *
 * @example
 * readBody('{"choices": [{"message": {"content": "Hi."}, "finish_reason": "stop"}]}').choice;
 * // { text: 'Hi.', reasoning: '', refusal: '', finish: 'stop' }
 */
export function readBody(body: string): AnswerBody {
  const whole = parseJson(body);
  if (whole !== undefined) return joined([whole], true);
  const { events, isDone } = eventsOf(body);
  return joined(events, isDone);
}

/** The value of a JSON text; undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** One answer from a whole completion or from all chunks of a stream. */
function joined(parts: readonly unknown[], isDone: boolean): AnswerBody {
  let model: string | undefined;
  let tokens: TokenUsage | undefined;
  let choice: AnswerChoice | undefined;
  let error: unknown;
  let isCompletion = false;
  for (const part of parts) {
    const fields = fieldsOf(part);
    if (isError(fields.error) || fields.object === 'error') error ??= part;
    if (typeof fields.model === 'string' && fields.model !== '') model = fields.model;
    tokens = largerCounts(tokens, tokensOfAnswer(part));
    if (!Array.isArray(fields.choices)) continue;
    isCompletion = true;
    const first = fields.choices[0] as unknown;
    if (first === undefined || first === null) continue;
    if (isError(fieldsOf(first).error)) error ??= first;
    choice = extended(choice, first);
  }
  const isComplete = isDone || choice?.finish !== undefined;
  return { model, tokens, choice, error, isComplete, isCompletion };
}

/** What came so far with the text of one more choice of a chunk. */
function extended(before: AnswerChoice | undefined, given: unknown): AnswerChoice {
  const { message, delta, text, finish_reason: finish } = fieldsOf(given);
  // A last chunk may repeat the whole message beside the delta.
  const said = fieldsOf(delta ?? (before?.text ? undefined : message));
  const { text: old = '', reasoning = '', refusal = '' } = before ?? {};
  return {
    text: old + (said.content === undefined || said.content === null ? textOf(text) : textOf(said.content)),
    reasoning:
      reasoning + (thoughtOf(said.content) || firstText(said.reasoning_content, said.reasoning, said.thinking)),
    refusal: refusal + firstText(said.refusal),
    finish: typeof finish === 'string' && finish.trim() !== '' ? finish : before?.finish,
  };
}

/** A text, or a text in parts, as some servers send it; without parts that are thinking. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isThought(part) ? '' : textOf(fieldsOf(part).text))).join('');
}

/** The thinking among the parts of a content. */
function thoughtOf(content: unknown): string {
  if (!Array.isArray(content)) return '';
  const thoughts = content.filter(isThought).map((part) => fieldsOf(part));
  return thoughts.map(({ thinking, text }) => textOf(thinking ?? text)).join('');
}

const isThought = (part: unknown) => ['thinking', 'reasoning'].includes(String(fieldsOf(part).type));

const firstText = (...values: readonly unknown[]) =>
  values.find((value): value is string => typeof value === 'string' && value !== '') ?? '';

const isError = (error: unknown) =>
  typeof error === 'string' ? error.trim() !== '' : Object.values(fieldsOf(error)).some((value) => value !== null);

/**
 * The JSON values of a stream's events, and whether `[DONE]` ended it. A line may hold U+2028, which ends no line here.
 */
function eventsOf(body: string): { readonly events: unknown[]; readonly isDone: boolean } {
  const events: unknown[] = [];
  let isDone = false;
  for (const block of body.split(/(?:\r\n|\r|\n){2}/)) {
    const lines = block.split(/\r\n|\r|\n/).flatMap((line) => {
      const match = /^(?:data|error): ?([^]*)$/.exec(line) ?? /^(\{[^]*)$/.exec(line);
      return match === null ? [] : [match[1]!];
    });
    const data = lines.filter((line) => line.trim() !== '[DONE]');
    isDone ||= data.length < lines.length;
    const whole = parseJson(data.join('\n'));
    // Some servers leave out the empty line between events. The last event of a stream that broke off is not JSON.
    events.push(...(whole === undefined ? data.map(parseJson).filter((one) => one !== undefined) : [whole]));
  }
  return { events, isDone };
}
