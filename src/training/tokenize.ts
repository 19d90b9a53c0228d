/**
 * Pairs as token ids, exactly as TRL 1.16's DPOTrainer tokenizes them.
 *
 * Prompt and response are tokenized together, because tokens can merge across the boundary. The response begins with the first
 * token that differs from the tokens of the prompt alone.
 */
import { ApolabError } from '../core/errors.js';
import { messageText } from '../core/message.js';
import type { RenderOptions, Tokenizer } from '../model/index.js';
import type { Message, PreferencePair } from '../pairs/pair.js';

/** A prompt and the responses to it, as token ids; each response ends with the end-of-sequence token. */
export interface TokenizedRow {
  readonly prompt: readonly number[];
  readonly responses: readonly (readonly number[])[];
}

/** A pair as token ids: the chosen response, then the rejected one. */
export interface TokenizedPair extends TokenizedRow {
  readonly responses: readonly [chosen: readonly number[], rejected: readonly number[]];
}

/** What both responses answer: text, or the messages of a conversation with its tools and variables for the template. */
export type RowPrompt = Pick<PreferencePair, 'prompt' | 'conversation' | 'tools' | 'columns'>;

/** A response: its text, or its messages if it is more than one text. */
export type RowResponse = string | readonly Message[];

/**
 * The token ids of a pair.
 *
 * Text: the end-of-sequence token is added to each response that does not end with it. Conversation: the tokenizer's chat template
 * writes it, with the tokens that begin and end a turn; without a template the last message counts as text.
 *
 * @throws ApolabError if the template refuses the conversation, or the tokenizer has no token for some text.
 */
export function tokenizePair(tokenizer: Tokenizer, pair: PreferencePair): TokenizedPair {
  const { prompt, responses } = tokenizeRow(tokenizer, pair, responsesOf(pair));
  return { prompt, responses: [responses[0]!, responses[1]!] };
}

/** Both responses of a pair, with all their messages. */
function responsesOf({ chosen, rejected, responseMessages }: PreferencePair): readonly RowResponse[] {
  return responseMessages === undefined ? [chosen, rejected] : [responseMessages.chosen, responseMessages.rejected];
}

/** The token ids of a prompt and any number of responses to it; the rules and errors are those of `tokenizePair`. */
export function tokenizeRow(tokenizer: Tokenizer, asked: RowPrompt, responses: readonly RowResponse[]): TokenizedRow {
  const { prompt, whole } = asChat(tokenizer, asked) ?? asText(tokenizer, asked.prompt);
  const wholes = responses.map(whole);
  const shared = Math.min(prompt.length, ...wholes.map((ids) => commonPrefix(prompt, ids)));
  return { prompt: prompt.slice(0, shared), responses: wholes.map((ids) => ids.slice(shared)) };
}

/** The ids of the prompt alone, and of the prompt followed by a response. */
interface RowTokenizer {
  readonly prompt: number[];
  readonly whole: (response: RowResponse) => number[];
}

function asText(tokenizer: Tokenizer, prompt: string): RowTokenizer {
  const ids = tokenizer.encodePrompt(prompt);
  const end = endOfSequenceText(tokenizer);
  return {
    prompt: ids,
    whole: (given) => {
      const response = typeof given === 'string' ? given : given.map(messageText).join('\n\n');
      const ended = response.endsWith(end) ? response : response + end;
      return makesUnknownWord(tokenizer, prompt, response)
        ? [...ids, ...tokenizer.encodeResponse(ended)]
        : tokenizer.encodePrompt(prompt + ended);
    },
  };
}

function asChat(tokenizer: Tokenizer, { conversation, tools, columns }: RowPrompt): RowTokenizer | undefined {
  const template = tokenizer.chatTemplate;
  if (conversation === undefined || template === undefined) return undefined;
  const options = { ...(tools === undefined ? {} : { tools }), ...templateVariables(columns) };
  const encode = (messages: readonly Message[], addGenerationPrompt: boolean) =>
    tokenizer.encode(template.render(messages, { addGenerationPrompt, ...options }), { addSpecialTokens: false });
  return {
    prompt: encode(conversation, true),
    whole: (response) => encode([...conversation, ...messagesOfResponse(response)], false),
  };
}

/** The messages of a response. */
export function messagesOfResponse(response: RowResponse): readonly Message[] {
  return typeof response === 'string' ? [{ role: 'assistant', content: response }] : response;
}

/** The variables that a row gives to the chat template: TRL's column `chat_template_kwargs`. */
export function templateVariables(columns: RowPrompt['columns']): Pick<RenderOptions, 'variables'> {
  const variables = columns?.chat_template_kwargs;
  const isObject = typeof variables === 'object' && variables !== null && !Array.isArray(variables);
  return isObject ? { variables: variables as Readonly<Record<string, unknown>> } : {};
}

/**
 * True if prompt and response together contain a word that is not in the vocabulary, although its two parts are: with a vocabulary
 * of whole words, `?` and `sure` become `?sure`. TRL then trains on the unknown token; here the two are tokenized separately, as
 * if there were a space between them.
 */
function makesUnknownWord(tokenizer: Tokenizer, prompt: string, response: string): boolean {
  const [last, first] = [/\S*$/.exec(prompt)![0], /^\S*/.exec(response)![0]];
  const isUnknown = (word: string) => tokenizer.unknownWords(word).length > 0;
  return last !== '' && first !== '' && isUnknown(last + first) && !isUnknown(last) && !isUnknown(first);
}

/** The text of the end-of-sequence token. */
export function endOfSequenceText(tokenizer: Tokenizer): string {
  const token = tokenizer.files.config.eos_token;
  return (typeof token === 'object' ? token?.content : token) ?? '';
}

function commonPrefix(ids: readonly number[], others: readonly number[]): number {
  const differs = ids.findIndex((id, index) => id !== others[index]);
  return differs < 0 ? ids.length : differs;
}

/**
 * Cuts a pair's sequences to at most `maxLength` tokens, at the end, as TRL's `keep_start` does.
 *
 * @returns undefined if the prompt leaves no room for a response; TRL skips such a row
 */
export function truncatePair(tokenized: TokenizedPair, maxLength: number): TokenizedPair | undefined {
  const room = maxLength - tokenized.prompt.length;
  if (room <= 0) return undefined;
  const [chosen, rejected] = tokenized.responses;
  return { prompt: tokenized.prompt, responses: [chosen.slice(0, room), rejected.slice(0, room)] };
}

/**
 * Why a pair cannot be trained on, or undefined if it can. Reasons: words that are not in the vocabulary, a conversation that the
 * tokenizer cannot write, two responses with the same tokens, or more tokens than the model has positions.
 *
 * @param maxLength most tokens per sequence; longer ones are cut, so only a prompt without room for a response is too long
 */
export function whyNotTrainable(
  tokenizer: Tokenizer,
  maxPositions: number,
  pair: PreferencePair,
  maxLength?: number,
): string | undefined {
  const tokenized = examinePair(tokenizer, maxPositions, pair, maxLength);
  return tokenized.kind === 'trainable' ? undefined : tokenized.reason;
}

/** The result of `examinePair`: token ids before (`whole`) and after cutting, or the reason why the pair cannot be trained on. */
export type ExaminedPair =
  | { readonly kind: 'trainable'; readonly tokenized: TokenizedPair; readonly whole: TokenizedPair }
  | { readonly kind: 'no room'; readonly whole: TokenizedPair; readonly reason: string }
  | { readonly kind: 'untrainable'; readonly reason: string };

/** Tokenizes a pair and checks whether it can be trained on; parameters as in `whyNotTrainable`. */
export function examinePair(
  tokenizer: Tokenizer,
  maxPositions: number,
  pair: PreferencePair,
  maxLength?: number,
): ExaminedPair {
  const untrainable = (reason: string) => ({ kind: 'untrainable', reason }) as const;
  const unknown = unknownWords(tokenizer, pair);
  if (unknown !== undefined) return untrainable(unknown);
  const whole = tokensOrReason(tokenizer, pair);
  if (typeof whole === 'string') return untrainable(whole);
  if (whole.responses[0].join() === whole.responses[1].join()) {
    return untrainable(
      '"chosen" and "rejected" have the same tokens, so there is no preference; change one or remove the row',
    );
  }
  const tokenized = maxLength === undefined ? whole : truncatePair(whole, maxLength);
  if (tokenized === undefined) return { kind: 'no room', whole, reason: noRoom(whole, maxLength!) };
  const longest = tokenized.prompt.length + Math.max(...tokenized.responses.map((response) => response.length));
  return longest > maxPositions
    ? untrainable(
        `${longest} tokens are more than the policy's ${maxPositions} positions; shorten the prompt or the response`,
      )
    : { kind: 'trainable', tokenized, whole };
}

/**
 * A pair's token ids, cut to `maxLength` if it is given, or the reason why there are none: the tokenizer cannot write the
 * conversation, or the prompt leaves no room for a response.
 */
export function tokensOrReason(tokenizer: Tokenizer, pair: PreferencePair, maxLength?: number): TokenizedPair | string {
  const reason = withoutTemplate(tokenizer, pair);
  if (reason !== undefined) return reason;
  try {
    const whole = tokenizePair(tokenizer, pair);
    return maxLength === undefined ? whole : (truncatePair(whole, maxLength) ?? noRoom(whole, maxLength));
  } catch (error) {
    if (error instanceof ApolabError) return error.message;
    throw error;
  }
}

function noRoom({ prompt }: TokenizedPair, maxLength: number): string {
  return `the prompt alone has ${prompt.length} tokens, which leaves no room for a response within a length of ${maxLength}; shorten it, or allow more tokens`;
}

function unknownWords(tokenizer: Tokenizer, pair: PreferencePair): string | undefined {
  const texts = {
    prompt: pair.conversation?.map(messageText).join(' ') ?? pair.prompt,
    chosen: pair.chosen,
    rejected: pair.rejected,
  };
  for (const [field, text] of Object.entries(texts)) {
    const unknown = tokenizer.unknownWords(text);
    if (unknown.length > 0) {
      const words = [...new Set(unknown)].map((word) => `'${word}'`).join(', ');
      return `${field} has ${unknown.length === 1 ? 'a word' : 'words'} that the policy's vocabulary lacks: ${words}; reword it, or use a policy with a larger vocabulary`;
    }
  }
  return undefined;
}

/**
 * Why a tokenizer cannot write a pair: a conversation of one message is as good as its text, but one of several, or with tools,
 * needs the template that says how it is written; and no text model reads images.
 */
function withoutTemplate(tokenizer: Tokenizer, pair: PreferencePair): string | undefined {
  const { conversation = [], tools, responseMessages, columns = {} } = pair;
  const media = mediaOf([...conversation, ...Object.values(responseMessages ?? {}).flat()], columns);
  if (media !== undefined) return `the row has ${media}, which a text model cannot read; leave such rows out`;
  if (tokenizer.chatTemplate !== undefined) return undefined;
  const ways = 'use a policy that has one, or a row with one message';
  if (conversation.length > 1) {
    return `the row is a conversation of ${conversation.length} messages before the answers, and the policy's tokenizer has no chat template to write it with; ${ways}`;
  }
  if (tools === undefined && responseMessages === undefined) return undefined;
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
