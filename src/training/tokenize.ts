/**
 * Pairs and unpaired examples as token ids, exactly as TRL 1.16's DPOTrainer and KTOTrainer tokenize them.
 *
 * Prompt and response are tokenized together, because tokens can merge across the boundary. The response begins with the first
 * token that differs from the tokens of the prompt alone.
 */
import { messageText } from '../core/message.js';
import type { RenderOptions, Tokenizer } from '../model/index.js';
import type { Message, PreferencePair } from '../pairs/pair.js';
import { isUnpaired, type TrainingRow } from '../pairs/rows/trainingRow.js';
import { responsesOf, type RowResponse } from './rowResponses.js';

export type { RowResponse } from './rowResponses.js';

/** A prompt and the responses to it, as token ids; each response ends with the end-of-sequence token. */
export interface TokenizedRow {
  readonly prompt: readonly number[];
  readonly responses: readonly (readonly number[])[];
}

/** A pair as token ids: the chosen response, then the rejected one. */
export interface TokenizedPair extends TokenizedRow {
  readonly responses: readonly [chosen: readonly number[], rejected: readonly number[]];
}

/** A row to train on, as token ids: a pair, or an unpaired example with its one response. */
export interface TokenizedExample extends TokenizedRow {
  /** True if the response of an unpaired example is desirable; a pair has no label. */
  readonly label?: boolean;
}

/** For each response of an example whether it is chosen (desirable) or not. */
export function labelsOf({ label }: TokenizedExample): readonly boolean[] {
  return label === undefined ? [true, false] : [label];
}

/** What both responses answer: text, or the messages of a conversation with its tools and variables for the template. */
export type RowPrompt = Pick<PreferencePair, 'prompt' | 'conversation' | 'tools' | 'columns'>;

/**
 * The token ids of a pair.
 *
 * Text: the end-of-sequence token is added to each response that does not end with it. Conversation: the tokenizer's chat template
 * writes it, with the tokens that begin and end a turn; without a template the last message counts as text.
 *
 * @throws ApolabError if the template refuses the conversation, or the tokenizer has no token for some text.
 */
export function tokenizePair(tokenizer: Tokenizer, pair: PreferencePair): TokenizedPair {
  const { prompt, responses } = tokenizeExample(tokenizer, pair);
  return { prompt, responses: [responses[0]!, responses[1]!] };
}

/** The token ids of a pair or of an unpaired example; the rules and errors are those of `tokenizePair`. */
export function tokenizeExample(tokenizer: Tokenizer, row: TrainingRow): TokenizedExample {
  const tokenized = tokenizeRow(
    tokenizer,
    row,
    responsesOf(row).map(({ response }) => response),
  );
  return isUnpaired(row) ? { ...tokenized, label: row.label } : tokenized;
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
 * Cuts a row's sequences to at most `maxLength` tokens, at the end, as TRL's `keep_start` does.
 *
 * @returns undefined if the prompt leaves no room for a response; TRL skips such a row
 */
export function truncateRow(tokenized: TokenizedExample, maxLength: number): TokenizedExample | undefined {
  const room = maxLength - tokenized.prompt.length;
  if (room <= 0) return undefined;
  return { ...tokenized, responses: tokenized.responses.map((response) => response.slice(0, room)) };
}

/** True if both responses of a pair are the same tokens; false for an unpaired example. */
export function hasEqualResponses({ responses: [chosen, rejected] }: TokenizedRow): boolean {
  return chosen?.length === rejected?.length && chosen!.every((id, index) => id === rejected![index]);
}
