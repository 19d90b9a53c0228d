/** Reading a chat completion: the text of an answer, the refusal that came instead, or an error. */
import type { TokenUsage } from '../../pairs/pair.js';
import type { Refusal, Response } from '../responder.js';
import { splitThinking } from '../thinking.js';
import { type AnswerBody, type AnswerChoice, parseJson, readBody } from './answerBody.js';
import { meaningOf } from './finishReasons.js';
import type { HttpAnswer } from './httpPost.js';
import { fieldsOf, isContentFilter, reasonOf, RequestError, ServerError, truncate } from './serverError.js';
import { tokensOfAnswer } from './tokenCounts.js';

/** An answer with status 200 that is not a usable completion. */
export class InvalidCompletionError extends RequestError {
  override name = 'InvalidCompletionError';
  override mayHaveCost = true;

  constructor(
    message: string,
    /** True for a complete answer without content: it is asked for once more, and then the refusal is final. */
    readonly empty = false,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** What a completion contains: an answer without its time, and without tokens if the server did not count them. */
export type CompletionContent = (Omit<Response, 'time'> | Omit<Refusal, 'time'>) & {
  /** True if the server stopped at the longest length. */
  readonly isCut: boolean;
};

/**
 * The text of a completion without thinking and without white space at its ends, or the refusal that the server or the model
 * gives instead. An answer that was cut before any text is a refusal.
 *
 * @throws RequestError with the tokens that the server counted: ServerError for an error status or an error in the body,
 * ConnectionError for an answer that broke off, InvalidCompletionError for one that is not a usable completion; the same
 * request may give one later
 * @example
 * const body = '{"choices": [{"message": {"content": "<think>Who?</think> Hi."}, "finish_reason": "stop"}]}';
 * readCompletion({ status: 200, headers: {}, body });
 * // { kind: 'response', text: 'Hi.', reasoning: 'Who?', isCut: false }
 */
export function readCompletion(answer: HttpAnswer): CompletionContent {
  const { status, headers, body } = answer;
  if (status < 200 || status > 299) {
    const parsed = parseJson(body);
    throw withTokens(new ServerError(status, headers, parsed ?? body), tokensOfAnswer(parsed));
  }
  const read = readBody(body);
  try {
    return contentOf(choiceOf(read, answer), read);
  } catch (error) {
    throw error instanceof RequestError ? withTokens(error, read.tokens) : error;
  }
}

/** The choice of an answer that came to its end. */
function choiceOf(read: AnswerBody, { headers, body, broken }: HttpAnswer): AnswerChoice {
  if (read.error !== undefined) throw errorInBody(read.error, headers);
  if (!read.isCompletion) {
    throw broken ?? new InvalidCompletionError(`no chat completion: ${truncate(body.trim() || 'nothing', 100)}`);
  }
  if (!read.isComplete) throw broken ?? new InvalidCompletionError('the stream ended before the answer did');
  if (read.choice === undefined) throw new InvalidCompletionError('the answer has no choices', true);
  return read.choice;
}

function contentOf(
  { text: given, reasoning: field, refusal, finish }: AnswerChoice,
  read: AnswerBody,
): CompletionContent {
  const meaning = meaningOf(finish);
  const split = splitThinking(given);
  const text = split.text.trim();
  const reasoning = [field.trim(), split.reasoning].filter((part) => part !== '').join('\n\n');
  const origin = {
    ...(read.model === undefined ? {} : { model: read.model }),
    ...(read.tokens === undefined ? {} : { tokens: read.tokens }),
    ...(reasoning === '' ? {} : { reasoning }),
    isCut: meaning === 'cut',
  };
  const refused = (reason: string) =>
    ({ kind: 'skipped', reason, ...(text === '' ? {} : { text }), ...origin }) as const;
  if (meaning === 'filtered') return refused("the server's content filter stopped the answer");
  if (refusal.trim() !== '') return refused(`the model declines: ${refusal.trim()}`);
  if (meaning === 'tool') return refused('the model called a tool instead of answering');
  if (meaning === 'unknown') {
    throw new InvalidCompletionError(`the server ended the answer with the finish reason '${truncate(finish!, 60)}'`);
  }
  if (text !== '') return { kind: 'response', text, ...origin };
  if (meaning === 'cut') return refused('the answer is empty');
  throw new InvalidCompletionError(reasoning === '' ? 'the answer is empty' : 'the answer is only thinking', true);
}

/** An error in the body of an answer with status 200, as gateways and streams send it; mostly its code is a status. */
function errorInBody(body: unknown, headers: HttpAnswer['headers']): RequestError {
  const { error } = fieldsOf(body);
  const { code, status } = { ...fieldsOf(body), ...fieldsOf(error) };
  const stated = [code, status].map(Number).find((one) => one >= 400 && one <= 599);
  const refused = new ServerError(stated ?? 400, headers, body);
  const isRefused = stated !== undefined || isContentFilter(refused) || [...refused.codes].some(isBadRequest);
  const found = isRefused ? refused : new InvalidCompletionError(`the server reports an error: ${reasonOf(body)}`);
  found.mayHaveCost = true;
  return found;
}

const isBadRequest = (code: string) => code === 'badrequesterror' || code === 'invalid_request_error';

function withTokens(error: RequestError, tokens: TokenUsage | undefined): RequestError {
  error.tokens = tokens;
  return error;
}
