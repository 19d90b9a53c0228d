/** Whether a row can be trained on, and the reason if it cannot. */
import { ApolabError } from '../core/errors.js';
import { messageText } from '../core/message.js';
import type { Tokenizer } from '../model/index.js';
import type { Message } from '../pairs/pair.js';
import { isUnpaired, type TrainingRow } from '../pairs/rows/trainingRow.js';
import { responsesOf } from './rowResponses.js';
import {
  hasEqualResponses,
  messagesOfResponse,
  tokenizeExample,
  truncateRow,
  type TokenizedExample,
} from './tokenize.js';

/**
 * Why a pair or an unpaired example cannot be trained on, or undefined if it can. Reasons: words that are not in the vocabulary, a conversation that the
 * tokenizer cannot write, two responses with the same tokens, or more tokens than the model has positions.
 *
 * @param maxLength most tokens per sequence; longer ones are cut, so only a prompt without room for a response is too long
 */
export function whyNotTrainable(
  tokenizer: Tokenizer,
  maxPositions: number,
  row: TrainingRow,
  maxLength?: number,
): string | undefined {
  const tokenized = examineRow(tokenizer, maxPositions, row, maxLength);
  return tokenized.kind === 'trainable' ? undefined : tokenized.reason;
}

/** The result of `examineRow`: token ids before (`whole`) and after cutting, or the reason why the row cannot be trained on. */
export type ExaminedRow =
  | { readonly kind: 'trainable'; readonly tokenized: TokenizedExample; readonly whole: TokenizedExample }
  | { readonly kind: 'no room'; readonly whole: TokenizedExample; readonly reason: string }
  | {
      readonly kind: 'equal after cut';
      readonly tokenized: TokenizedExample;
      readonly whole: TokenizedExample;
      readonly reason: string;
    }
  | { readonly kind: 'untrainable'; readonly reason: string };

/** Tokenizes a row and checks whether it can be trained on; parameters as in `whyNotTrainable`. */
export function examineRow(
  tokenizer: Tokenizer,
  maxPositions: number,
  row: TrainingRow,
  maxLength?: number,
): ExaminedRow {
  const untrainable = (reason: string) => ({ kind: 'untrainable', reason }) as const;
  const unknown = unknownWords(tokenizer, row);
  if (unknown !== undefined) return untrainable(unknown);
  const whole = tokensOrReason(tokenizer, row);
  if (typeof whole === 'string') return untrainable(whole);
  if (hasEqualResponses(whole)) {
    return untrainable(
      '"chosen" and "rejected" have the same tokens, so there is no preference; change one or remove the row',
    );
  }
  const tokenized = maxLength === undefined ? whole : truncateRow(whole, maxLength);
  if (tokenized === undefined) return { kind: 'no room', whole, reason: noRoom(whole, maxLength!) };
  if (hasEqualResponses(tokenized)) {
    const reason = `cut to ${maxLength!} tokens, "chosen" and "rejected" have the same tokens, so there is no preference; allow more tokens, or remove the row`;
    return { kind: 'equal after cut', tokenized, whole, reason };
  }
  const longest = tokenized.prompt.length + Math.max(...tokenized.responses.map((response) => response.length));
  return longest > maxPositions
    ? untrainable(
        `${longest} tokens are more than the policy's ${maxPositions} positions; shorten the prompt or the response`,
      )
    : { kind: 'trainable', tokenized, whole };
}

/**
 * A row's token ids, cut to `maxLength` if it is given, or the reason why there are none: the tokenizer cannot write the
 * conversation, or the prompt leaves no room for a response.
 */
export function tokensOrReason(tokenizer: Tokenizer, row: TrainingRow, maxLength?: number): TokenizedExample | string {
  const reason = withoutTemplate(tokenizer, row);
  if (reason !== undefined) return reason;
  try {
    const whole = tokenizeExample(tokenizer, row);
    return maxLength === undefined ? whole : (truncateRow(whole, maxLength) ?? noRoom(whole, maxLength));
  } catch (error) {
    if (error instanceof ApolabError) return error.message;
    throw error;
  }
}

function noRoom({ prompt }: TokenizedExample, maxLength: number): string {
  return `the prompt alone has ${prompt.length} tokens, which leaves no room for a response within a length of ${maxLength}; shorten it, or allow more tokens`;
}

function unknownWords(tokenizer: Tokenizer, row: TrainingRow): string | undefined {
  const texts = [
    { field: 'prompt', text: row.conversation?.map(messageText).join(' ') ?? row.prompt },
    ...responsesOf(row),
  ];
  for (const { field, text } of texts) {
    const unknown = tokenizer.unknownWords(text);
    if (unknown.length > 0) {
      const words = [...new Set(unknown)].map((word) => `'${word}'`).join(', ');
      return `${field} has ${unknown.length === 1 ? 'a word' : 'words'} that the policy's vocabulary lacks: ${words}; reword it, or use a policy with a larger vocabulary`;
    }
  }
  return undefined;
}

/**
 * Why a tokenizer cannot write a row: a conversation of one message is as good as its text, but one of several, or with tools,
 * needs the template that says how it is written; and no text model reads images.
 */
function withoutTemplate(tokenizer: Tokenizer, row: TrainingRow): string | undefined {
  const { conversation = [], tools, columns = {} } = row;
  const answers = responsesOf(row).flatMap(({ response }) => messagesOfResponse(response));
  const media = mediaOf([...conversation, ...answers], columns);
  if (media !== undefined) return `the row has ${media}, which a text model cannot read; leave such rows out`;
  if (tokenizer.chatTemplate !== undefined) return undefined;
  const ways = 'use a policy that has one, or a row with one message';
  if (conversation.length > 1) {
    return `the row is a conversation of ${conversation.length} messages before the answers, and the policy's tokenizer has no chat template to write it with; ${ways}`;
  }
  const hasMessages = (isUnpaired(row) ? row.completionMessages : row.responseMessages) !== undefined;
  if (tools === undefined && !hasMessages) return undefined;
  return `the row has tools, reasoning or several messages in an answer, and the policy's tokenizer has no chat template to write them with; ${ways}`;
}

/** What of a row is not text: a part of a message, or a column of images. */
function mediaOf(messages: readonly Message[], columns: Readonly<Record<string, unknown>>): string | undefined {
  const parts = messages.flatMap(({ content }) => (typeof content === 'object' ? content : []));
  const part = parts.find(({ type }) => type !== 'text');
  if (part !== undefined) return `a part of the type "${part.type}" in a message`;
  const column = ['image', 'images'].find((name) => {
    const value = columns[name] ?? undefined;
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  });
  return column === undefined ? undefined : `a column "${column}"`;
}
