/**
 * Pairs as token ids, exactly as TRL 1.16's DPOTrainer tokenises the same row: what the model sees of them.
 *
 * Prompt and response are tokenised together, since tokens may merge across the boundary; the response begins where the
 * tokens of the whole leave those of the prompt alone.
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

/** An tokenized pair: `responses` holds the chosen one, then the rejected one. */
export interface TokenizedPair extends TokenizedRow {
  readonly responses: readonly [chosen: readonly number[], rejected: readonly number[]];
}

/** What both responses answer: text, or the messages of a conversation with its tools and variables for the template. */
export type RowPrompt = Pick<PreferencePair, 'prompt' | 'conversation' | 'tools' | 'columns'>;

/** A response: its text, or its messages if it is more than one text. */
export type RowResponse = string | readonly Message[];

/**
 * The ids of a pair.
 *
 * Text gets the end-of-sequence token behind each response, unless it ends with it. A conversation is written by the
 * tokenizer's chat template, which says itself what opens and ends a turn; without a template its last message counts as
 * text.
 *
 * @throws ApolabError where the template refuses the conversation.
 */
export function tokenizePair(tokenizer: Tokenizer, pair: PreferencePair): TokenizedPair {
  const { prompt, responses } = tokenizeRow(tokenizer, pair, responsesOf(pair));
  return { prompt, responses: [responses[0]!, responses[1]!] };
}

/** Both responses of a pair, with all their messages. */
function responsesOf({ chosen, rejected, responseMessages }: PreferencePair): readonly RowResponse[] {
  return responseMessages === undefined ? [chosen, rejected] : [responseMessages.chosen, responseMessages.rejected];
}

/** The same for any number of responses to one prompt. */
export function tokenizeRow(tokenizer: Tokenizer, asked: RowPrompt, responses: readonly RowResponse[]): TokenizedRow {
  const { prompt, whole } = asChat(tokenizer, asked) ?? asText(tokenizer, asked.prompt);
  const wholes = responses.map(whole);
  const shared = Math.min(prompt.length, ...wholes.map((ids) => commonPrefix(prompt, ids)));
  return { prompt: prompt.slice(0, shared), responses: wholes.map((ids) => ids.slice(shared)) };
}

/** The prompt's ids alone, and those of the prompt with a response. */
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
 * Whether joining makes a word that the vocabulary lacks, of two that it knows: `?` and `sure` would be `?sure`, where
 * the vocabulary holds whole words. TRL trains on the unknown token there; here such a prompt and response are told apart
 * as if a space stood between them.
 */
function makesUnknownWord(tokenizer: Tokenizer, prompt: string, response: string): boolean {
  const [last, first] = [/\S*$/.exec(prompt)![0], /^\S*/.exec(response)![0]];
  const isUnknown = (word: string) => tokenizer.unknownWords(word).length > 0;
  return last !== '' && first !== '' && isUnknown(last + first) && !isUnknown(last) && !isUnknown(first);
}

/** The text that stands for the end-of-sequence token. */
export function endOfSequenceText(tokenizer: Tokenizer): string {
  const token = tokenizer.files.config.eos_token;
  return (typeof token === 'object' ? token?.content : token) ?? '';
}

function commonPrefix(ids: readonly number[], others: readonly number[]): number {
  const differs = ids.findIndex((id, index) => id !== others[index]);
  return differs < 0 ? ids.length : differs;
}

/**
 * A pair whose sequences have at most `maxLength` tokens: the ends of longer ones are cut off, as TRL's `keep_start` does.
 * Undefined where the prompt alone fills it, so that no response would be left (TRL leaves such a row out).
 */
export function truncatePair(tokenized: TokenizedPair, maxLength: number): TokenizedPair | undefined {
  const room = maxLength - tokenized.prompt.length;
  if (room <= 0) return undefined;
  const [chosen, rejected] = tokenized.responses;
  return { prompt: tokenized.prompt, responses: [chosen.slice(0, room), rejected.slice(0, room)] };
}

/**
 * Why a pair cannot be trained on, or undefined where it can: words that the vocabulary lacks, a conversation that the
 * tokenizer cannot write, responses of the same tokens, or more tokens than the model has positions for.
 *
 * @param maxLength tokens a sequence is cut to; then only a prompt that leaves no room for a response is too long
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

/** A pair's ids, whole and cut to `maxLength`; or why it is of no use, which TRL too leaves out where nothing fits. */
export type ExaminedPair =
  | { readonly kind: 'trainable'; readonly tokenized: TokenizedPair; readonly whole: TokenizedPair }
  | { readonly kind: 'no room'; readonly whole: TokenizedPair; readonly reason: string }
  | { readonly kind: 'untrainable'; readonly reason: string };

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
      '"chosen" and "rejected" are the same tokens, which prefers nothing; change one or remove the row',
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
 * A pair's ids, cut to `maxLength` where it is given; or why it has none: the tokenizer cannot write the conversation, or
 * the prompt leaves no room for a response.
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
  return `the prompt alone has ${prompt.length} tokens, which leaves no room for a response within a length of ${maxLength}; shorten it, or allow more`;
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
      return `${field} has ${unknown.length === 1 ? 'a word' : 'words'} that the policy's vocabulary lacks: ${words}; reword it, or take a policy that knows them`;
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
  const ways = 'take a policy that has one, or a row with one message';
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
