/** What the template checks ask of a tokenizer and its chat template. */
import { ApolabError } from '../core/errors.js';
import type { ChatMessage, RenderOptions, Tokenizer } from '../model/index.js';
import type { TrainingRow } from '../pairs/rows/trainingRow.js';
import { responsesOf, type RowResponse } from './rowResponses.js';
import { messagesOfResponse, templateVariables, type RowPrompt } from './tokenize.js';

/** The facts about a tokenizer that the checks need. */
export interface TokenizerFacts {
  readonly tokenizer: Tokenizer;
  /** The beginning-of-sequence token. */
  readonly beginning: number | undefined;
  /** True if the chat template begins every turn with that token, as SmolLM2's does. */
  readonly beginsTurns: boolean;
  /** The end-of-sequence token. */
  readonly end: number;
  /** The text with which the chat template opens the assistant's answer. */
  readonly generationPrompt: string | undefined;
}

/** The facts about a tokenizer, computed once per set of rows. */
export function tokenizerFacts(tokenizer: Tokenizer): TokenizerFacts {
  const beginning = tokenizer.beginningOfSequence;
  return {
    tokenizer,
    beginning,
    beginsTurns: beginning !== undefined && tokensOfTurns(tokenizer).filter((id) => id === beginning).length > 1,
    end: tokenizer.endOfSequence,
    generationPrompt: generationPromptOf(tokenizer),
  };
}

const question: ChatMessage = { role: 'user', content: 'x' };

/** The tokens of a conversation with two turns; none without a chat template. */
function tokensOfTurns(tokenizer: Tokenizer): readonly number[] {
  if (tokenizer.chatTemplate === undefined) return [];
  const turns = [question, { role: 'assistant', content: 'y' }];
  const ids = unlessRefused(() => tokenizer.encodeChat(turns, { addGenerationPrompt: false })) ?? [];
  // A token that is doubled at the beginning is counted once.
  return ids[0] === ids[1] ? ids.slice(1) : ids;
}

/** What `write` returns; undefined if the template refuses the conversation. */
function unlessRefused<T>(write: () => T): T | undefined {
  try {
    return write();
  } catch (error) {
    if (error instanceof ApolabError) return undefined;
    throw error;
  }
}

/** The text that `add_generation_prompt` adds to a conversation with one message, without spaces around it. */
function generationPromptOf({ chatTemplate: template }: Tokenizer): string | undefined {
  const render = (addGenerationPrompt: boolean) =>
    unlessRefused(() => template?.render([question], { addGenerationPrompt }));
  const [without, added] = [render(false), render(true)];
  if (without === undefined || added === undefined) return undefined;
  const header = added.startsWith(without) ? added.slice(without.length).trim() : '';
  return header === '' ? undefined : header;
}

/** What a row gives to the template beside its messages. */
function optionsOf({ tools, columns }: RowPrompt): RenderOptions {
  return { ...(tools === undefined ? {} : { tools }), ...templateVariables(columns) };
}

/** True if a response begins with the opening of the assistant's answer, in its text or by the template. */
export function opensWithHeader(asked: RowPrompt, response: RowResponse, facts: TokenizerFacts): boolean {
  const [first, ...others] = messagesOfResponse(response);
  const content = typeof first?.content === 'string' ? first.content : '';
  const { generationPrompt, tokenizer } = facts;
  if (generationPrompt !== undefined && content.trimStart().startsWith(generationPrompt)) return true;
  const template = tokenizer.chatTemplate;
  // What a template writes before the text may also be the message's reasoning.
  const isPlain = content.trim() !== '' && Object.keys(first!).length === 2;
  if (template === undefined || asked.conversation === undefined || !isPlain) return false;
  const options = optionsOf(asked);
  const prompt = template.render(asked.conversation, { addGenerationPrompt: true, ...options });
  const answered = template.render([...asked.conversation, first!, ...others], {
    addGenerationPrompt: false,
    ...options,
  });
  let shared = 0;
  while (shared < prompt.length && prompt[shared] === answered[shared]) shared += 1;
  const start = answered.indexOf(content.trim(), shared);
  return start > shared && answered.slice(shared, start).trim() !== '';
}

/** Number of tokens of the prompt alone, as in generation. */
export function promptAlone(tokenizer: Tokenizer, asked: RowPrompt): number {
  const { prompt, conversation } = asked;
  const template = tokenizer.chatTemplate;
  return conversation === undefined || template === undefined
    ? tokenizer.encodePrompt(prompt).length
    : tokenizer.encodeChat(conversation, { addGenerationPrompt: true, ...optionsOf(asked) }).length;
}

/** True if a row has tools or tool calls whose names are not in what the chat template writes. */
export function hasUnwrittenTools({ chatTemplate: template }: Tokenizer, row: TrainingRow): boolean {
  const { conversation = [], tools = [] } = row;
  const answers = responsesOf(row).map(({ response }) => messagesOfResponse(response));
  const calls = [...conversation, ...answers.flat()].flatMap((message) =>
    Array.isArray(message.tool_calls) ? (message.tool_calls as unknown[]) : [],
  );
  const names = [...tools, ...calls].map(nameOf).filter((name) => name !== undefined);
  if (names.length === 0 || template === undefined) return false;
  const written = answers
    .map((answer) => template.render([...conversation, ...answer], { addGenerationPrompt: false, ...optionsOf(row) }))
    .join('\n');
  return names.some((name) => !written.includes(name));
}

/** The name of a tool or of a call: in `function`, or beside it. */
function nameOf(tool: unknown): string | undefined {
  if (typeof tool !== 'object' || tool === null) return undefined;
  const inside =
    'function' in tool && typeof tool.function === 'object' && tool.function !== null ? tool.function : tool;
  return 'name' in inside && typeof inside.name === 'string' ? inside.name : undefined;
}
